//! What was sent can be read, and nothing in it can do harm.

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use platform::mail::{Address, Envelope};
use platform::testing::{Answer, Browser, World};

use crate::testing::world;

const MAIL: &str = "From: hello@acme.test\r\nTo: anna@example.com\r\nSubject: Offer\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n\
    <html><head></head><body><script>alert(1)</script><a href=\"https://example.com\">Go</a></body></html>\r\n\
    --b\r\nContent-Type: text/html; name=\"../page.html\"\r\nContent-Disposition: attachment; filename=\"page.html\"\r\n\r\n\
    <b>attached</b>\r\n--b--\r\n";

async fn delivered(world: &World) -> String {
    let mailbox = world.app.mail.transport().unwrap().mailbox().unwrap();
    let envelope = Envelope {
        from: Address::parse("hello@acme.test").unwrap(),
        to: Address::parse("anna@example.com").unwrap(),
    };
    let kept = mailbox.deliver(&envelope, MAIL.as_bytes()).await;
    assert!(kept.is_accepted());
    let listed = mailbox.list(1, "").await.unwrap();
    format!("/dev/mailbox/{}", listed[0].id)
}

async fn at_the_machine(browser: &Browser, url: &str) -> Answer {
    let request = TestRequest::get().uri(url);
    let here = "127.0.0.1:40000".parse().unwrap();
    browser.send(request.peer_addr(here)).await
}

#[actix_web::test]
async fn a_mail_is_listed_found_and_read() {
    let world = world();
    let url = delivered(&world).await;
    let stranger = world.stranger();
    let list = at_the_machine(&stranger, "/dev/mailbox?search=anna").await;
    assert!(list.says("Offer") && list.says(&url), "{}", list.text);
    let none = at_the_machine(&stranger, "/dev/mailbox?search=nobody").await;
    assert!(!none.says("Offer"));
    let page = at_the_machine(&stranger, &url).await;
    assert!(page.says("hello@acme.test") && page.says("page.html"));
    assert!(!page.text.contains("alert(1)"));
    let raw = at_the_machine(&stranger, &format!("{url}/raw")).await;
    assert_eq!(raw.text, MAIL);
    let attached = at_the_machine(&stranger, &format!("{url}/attachments/0")).await;
    assert_eq!(attached.text.trim(), "<b>attached</b>");
    for download in [raw, attached] {
        assert!(
            download
                .header("content-disposition")
                .starts_with("attachment")
        );
    }
    let beyond = at_the_machine(&stranger, &format!("{url}/attachments/9")).await;
    assert_eq!(beyond.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn its_html_is_fenced_in_and_its_links_lead_out() {
    let world = world();
    let url = delivered(&world).await;
    let html = at_the_machine(&world.stranger(), &format!("{url}/html")).await;
    let policy = html.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"));
    assert!(!policy.contains("allow-scripts") && !policy.contains("allow-same-origin"));
    assert!(html.text.contains("<head><base target=\"_blank\">"));
}

#[actix_web::test]
async fn from_elsewhere_one_signs_in_first() {
    let world = world();
    let url = delivered(&world).await;
    for path in ["/dev/mailbox", &url] {
        let away = world.stranger().get(path).await;
        assert_eq!(away.status, StatusCode::SEE_OTHER);
        let alice = world.browser("viewer@acme.test").await;
        assert!(alice.get(path).await.says("Offer"));
    }
}
