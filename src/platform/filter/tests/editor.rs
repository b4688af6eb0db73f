//! The editor and the bar as they are sent to the browser.

use askama::Template;

use super::super::{Draft, FilterBar, FilterEditor};
use super::catalogue;

fn editor(query: &str) -> String {
    let draft = Draft::from_query("filter", query);
    let html = FilterEditor::new(&catalogue(), "filter", &draft).render();
    html.expect("the editor can be shown")
}

/// What a browser shows: templates are not shown.
fn shown(html: &str) -> &str {
    html.split("<template").next().unwrap_or_default()
}

fn bar(query: &str) -> String {
    let draft = Draft::from_query("filter", query);
    let kept = [("sort".to_owned(), "-name".to_owned())];
    let catalogue = catalogue();
    let html = FilterBar::new(&catalogue, "filter", &draft, "/w/acme/contacts", &kept).render();
    html.expect("the bar can be shown")
}

#[test]
fn an_empty_editor_has_one_blank_line() {
    let html = editor("");
    assert_eq!(shown(&html).matches("data-filter-rule").count(), 1);
    assert!(html.contains(r#"name="filter.0.field""#));
    assert!(html.contains(r#"<optgroup label="Custom fields">"#));
}

#[test]
fn controls_are_filled_with_what_was_written() {
    let html = editor(
        "filter.match=any&filter.0.field=first_name&filter.0.op=contains&filter.0.value=%3Cb%3E%22%26\
         &filter.1.match=none&filter.1.0.field=stage&filter.1.0.op=is_any_of&filter.1.0.value=lead&filter.1.0.value=gone",
    );
    let html = shown(&html);
    assert!(html.contains(r#"<option value="any" selected>"#));
    assert!(html.contains(r#"name="filter.0.value" value="&#60;b&#62;&#34;&#38;""#));
    assert!(html.contains(r#"<option value="none" selected>"#));
    assert!(html.contains(r#"name="filter.1.0.value" value="lead" checked"#));
    assert!(html.contains(r#"name="filter.1.0.value" value="gone" checked"#));
    assert!(html.contains("Life-cycle stage has no choice “gone”."));
    assert!(html.contains(r#"value="remove:1.0""#));
}

#[test]
fn every_operator_has_its_control() {
    for field in catalogue().fields() {
        for op in super::super::Operator::of(field.kind) {
            let html = editor(&format!(
                "filter.0.field={}&filter.0.op={}",
                field.key,
                op.name()
            ));
            let control = shown(&html).contains(r#"name="filter.0.value""#);
            assert_eq!(
                control,
                op.input(field.kind).name() != "nothing",
                "{} {}",
                field.key,
                op.name()
            );
        }
    }
}

#[test]
fn unfinished_conditions_are_no_problem_while_somebody_is_at_it() {
    let query = "filter.0.field=email&filter.0.op=is";
    assert!(editor(query).contains("E-mail needs a value."));
    assert!(!editor(&format!("{query}&filter.do=add%3A")).contains("E-mail needs a value."));
}

#[test]
fn groups_are_opened_and_closed() {
    let tree = r#"{"or":[{"and":[{"not":{"field":"vip","op":"is_true"}}]},{"and":[]}]}"#;
    let html = editor(&format!("filter={}", tree.replace('"', "%22")));
    let html = html.split("<script").next().unwrap_or_default();
    for tag in ["div", "select", "optgroup", "template", "label", "button"] {
        let (opened, closed) = (
            html.matches(&format!("<{tag} ")).count() + html.matches(&format!("<{tag}>")).count(),
            html.matches(&format!("</{tag}>")).count(),
        );
        assert_eq!(opened, closed, "{tag}");
    }
    assert_eq!(shown(html).matches("data-filter-group>").count(), 4);
}

#[test]
fn the_bar_has_a_chip_for_each_part_and_a_way_to_each_list() {
    let html = bar(
        "filter.0.field=vip&filter.0.op=is_true&filter.1.field=score&filter.1.op=gte&filter.1.value=5",
    );
    assert!(html.contains(">VIP is checked</a>"));
    assert!(html.contains(">Score ≥ 5</a>"));
    let without = "/w/acme/contacts?sort=-name&#38;filter=%7B%22and%22%3A%5B%7B%22field%22%3A%22score%22%2C%22op%22%3A%22gte%22%2C%22value%22%3A5%7D%5D%7D";
    assert!(html.contains(without));
    assert!(html.contains(r#"<input type="hidden" name="sort" value="-name">"#));
    assert!(html.contains(r#"href="/w/acme/contacts?sort=-name">Clear all"#));
    assert!(!html.contains("<details class=\"filter-bar__details\" data-filter-details open"));
}

#[test]
fn the_bar_opens_where_something_is_wrong_or_going_on() {
    for query in [
        "filter=%7B",
        "filter.0.field=vip&filter.do=open",
        "filter.0.field=nothing",
    ] {
        assert!(bar(query).contains("data-filter-details open"), "{query}");
    }
    assert!(bar("filter=%7B").contains("The filter is not valid JSON."));
}
