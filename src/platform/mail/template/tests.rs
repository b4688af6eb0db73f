use super::compile::MAX_SOURCE;
use super::*;
use serde_json::json;

const MJML: &str = r##"<mjml>
  <mj-head><mj-title>Spring</mj-title><mj-preview>For {{ contact.first_name }}</mj-preview></mj-head>
  <mj-body>
    <mj-section><mj-column>
      <mj-text>Dear {{ contact.first_name | default("friend") }},</mj-text>
      {% if contact.city == "Oslo" and contact.score > 10 %}
      <mj-text>See you in <b>{{ contact.city | upper }}</b>.</mj-text>
      {% endif %}
      <mj-button href="https://acme.test/shop?c={{ contact.id }}&amp;x=1">Shop now</mj-button>
      <mj-text><a href="{{ unsubscribe_url }}">Unsubscribe</a></mj-text>
    </mj-column></mj-section>
  </mj-body>
</mjml>"##;

const ALL: Tracking = Tracking {
    opens: true,
    clicks: true,
};
const TRACKED: Links<'_> = Links::Tracked {
    base: "https://acme.test",
    token: "TOKEN",
};

fn source<'a>(subject: &'a str, body: &'a str) -> Source<'a> {
    Source {
        subject,
        body,
        tracking: ALL,
        ..Source::default()
    }
}

fn html(body: &str, fields: serde_json::Value) -> String {
    let template = CompiledTemplate::compile(&source("s", body)).unwrap();
    template.render(&fields, &TRACKED).unwrap().html
}

fn error(body: &str) -> TemplateError {
    CompiledTemplate::compile(&source("s", body)).unwrap_err()
}

#[test]
fn an_mjml_template_is_rendered_for_a_reader() {
    let template =
        CompiledTemplate::compile(&source("Hello {{ contact.first_name }}", MJML)).unwrap();
    let fields =
        json!({"contact": {"id": "7 ü", "first_name": "Anna <3", "city": "Oslo", "score": 11}});
    let mail = template.render(&fields, &TRACKED).unwrap();
    assert_eq!(mail.subject, "Hello Anna <3");
    assert!(mail.html.contains("Dear Anna &lt;3,") && mail.html.contains("<b>OSLO</b>"));
    assert!(mail.html.contains("href=\"https://acme.test/t/TOKEN/1\""));
    assert!(
        mail.html
            .contains("href=\"https://acme.test/unsubscribe/TOKEN\"")
    );
    assert!(
        mail.html
            .contains("<img src=\"https://acme.test/o/TOKEN.gif\"")
    );
    assert_eq!(
        mail.text,
        "Dear Anna <3,\n\nSee you in OSLO.\n\nShop now <https://acme.test/t/TOKEN/1>\n\n\
         Unsubscribe <https://acme.test/unsubscribe/TOKEN>\n"
    );
    assert_eq!(
        template.links()[0].target,
        "https://acme.test/shop?c={{ contact.id }}&x=1"
    );
    assert_eq!(
        template.link_target(1, &fields).unwrap(),
        "https://acme.test/shop?c=7%20%C3%BC&x=1"
    );
    assert_eq!(template.link_target(2, &fields), None);
    assert_eq!(
        template.fields(),
        [
            "contact.city",
            "contact.first_name",
            "contact.id",
            "contact.score"
        ]
    );
    assert!(template.has_unsubscribe() && !template.is_plain());
}

#[test]
fn a_reader_without_fields_gets_the_fallbacks() {
    let template =
        CompiledTemplate::compile(&source("Hello {{ contact.first_name }}", MJML)).unwrap();
    for fields in [
        json!({}),
        json!({"contact": null}),
        json!({"contact": {"first_name": " "}}),
    ] {
        let mail = template.render(&fields, &TRACKED).unwrap();
        assert!(
            mail.text.starts_with("Dear friend,\n\nShop now"),
            "{}",
            mail.text
        );
    }
}

#[test]
fn a_preview_leads_where_the_links_lead_and_tells_nobody() {
    let template = CompiledTemplate::compile(&source("s", MJML)).unwrap();
    let direct = Links::Direct {
        unsubscribe: "https://acme.test/off",
        preferences: "",
    };
    let mail = template
        .render(&json!({"contact": {"id": 7}}), &direct)
        .unwrap();
    assert!(
        mail.html
            .contains("href=\"https://acme.test/shop?c=7&amp;x=1\""),
        "{}",
        mail.html
    );
    assert!(!mail.html.contains("TOKEN") && !mail.html.contains(".gif"));
}

#[test]
fn html_text_and_footer_go_together() {
    let template = CompiledTemplate::compile(&Source {
        text: Some("Hi {{ contact.name }}"),
        footer: Some(Footer {
            html: "<p>Acme, Harbour 1. <a href=\"https://acme.test/legal\">Legal</a> <a href='{{ unsubscribe_url }}'>Off</a></p>",
            text: "Acme, Harbour 1. {{ unsubscribe_url }}",
        }),
        ..source("s", "<p>Hi {{ contact.name }} <a href=\"https://acme.test/\">us</a></p>")
    })
    .unwrap();
    let mail = template
        .render(&json!({"contact": {"name": "Li"}}), &TRACKED)
        .unwrap();
    assert!(
        mail.html
            .contains("<p>Hi Li <a href=\"https://acme.test/t/TOKEN/1\">us</a></p>")
    );
    assert!(
        mail.html
            .contains("<a href=\"https://acme.test/t/TOKEN/2\">Legal</a>")
    );
    let body_end = mail.html.find("</body>").unwrap();
    assert!(
        mail.html.find("Harbour").unwrap() < body_end && mail.html.find(".gif").unwrap() < body_end
    );
    assert_eq!(
        mail.text,
        "Hi Li\n\nAcme, Harbour 1. https://acme.test/unsubscribe/TOKEN"
    );
    assert!(template.has_unsubscribe() && template.is_plain());
}

#[test]
fn without_tracking_links_stay_as_they_are() {
    let quiet = Source {
        tracking: Tracking::default(),
        ..source("s", "<a href='https://a.test/'>x</a>")
    };
    let template = CompiledTemplate::compile(&quiet).unwrap();
    let mail = template.render(&json!({}), &TRACKED).unwrap();
    assert!(mail.html.contains("<a href='https://a.test/'>x</a>") && !mail.html.contains("TOKEN"));
    assert!(template.links().is_empty());
}

#[test]
fn values_cannot_change_the_page() {
    let page = html(
        "<p title=\"{{ x }}\">{{ x }}{% for t in tags %}[{{ t }}]{% endfor %}</p>",
        json!({
            "x": "\"><script>alert(1)</script>{{ y }}", "tags": ["<b>", "&"],
        }),
    );
    assert!(page.contains("&quot;&gt;&lt;script&gt;") && !page.contains("<script>"));
    assert!(page.contains("{{ y }}") && page.contains("[&lt;b&gt;][&amp;]"));
}

#[test]
fn braces_that_are_no_fields_stay() {
    let style = "<style>@media screen{#menu{color:red}}</style>{ {# note #}{{ x }}";
    let page = html(style, json!({"x": "y"}));
    assert!(
        page.contains("@media screen{#menu{color:red}}</style>{ y"),
        "{page}"
    );
}

#[test]
fn faults_name_part_and_line() {
    let at = |body: &str| {
        let error = error(body);
        (error.part, error.line.unwrap_or(0), error.message)
    };
    assert_eq!(at("a\n{{ x").1, 2);
    assert_eq!(at("a\n{% if x %}\nb").1, 2);
    let mjml = "<mjml><mj-body>\n<mj-section><mj-column>\n{% if a\n and b %}\n<mj-text title='{{ x\n}}'></mj-text>\n{% endif %}\n<mj-tex></mj-tex>\n</mj-column></mj-section></mj-body></mjml>";
    assert_eq!(
        at(mjml),
        (Part::Body, 8, "there is no element <mj-tex>".into())
    );
    let subject = CompiledTemplate::compile(&source("{{ x | nope }}", "")).unwrap_err();
    assert_eq!((subject.part, subject.line), (Part::Subject, Some(1)));
    assert!(CompiledTemplate::compile(&source("{{ unsubscribe_url }}", "")).is_err());
    assert_eq!(
        error("<a href='acme.test'>").to_string(),
        "Content: the link “acme.test” must start with https://."
    );
    assert!(
        error(&"x".repeat(MAX_SOURCE + 1))
            .message
            .contains("longer")
    );
}

#[test]
fn a_greedy_template_is_stopped() {
    let loops = "{% for a in l %}{% for b in l %}{% for c in l %}xxxxxxxxxx{% endfor %}{% endfor %}{% endfor %}";
    let template = CompiledTemplate::compile(&source("s", loops)).unwrap();
    let fields = json!({"l": (0..1_000).collect::<Vec<_>>()});
    assert!(
        template
            .render(&fields, &TRACKED)
            .unwrap_err()
            .message
            .contains("fuel")
    );
    let value = "x".repeat(100_000);
    let many = "{{ x }}".repeat(30);
    let template = CompiledTemplate::compile(&source("s", &many)).unwrap();
    assert!(template.render(&json!({"x": value}), &TRACKED).is_err());
}

#[test]
fn a_subject_is_one_line() {
    let template = CompiledTemplate::compile(&source("Hi {{ x }}", "")).unwrap();
    let mail = template
        .render(&json!({"x": "a\r\nBcc: b"}), &TRACKED)
        .unwrap();
    assert_eq!(mail.subject, "Hi a Bcc: b");
}
