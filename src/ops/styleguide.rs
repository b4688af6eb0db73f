//! `/styleguide`: every component in every state, while developing.

use actix_web::HttpResponse;
use askama::Template;
use platform::charts::{Bars, Chart, Mark, OverTime, Style, compact};
use platform::dashboard::{Change, Drawn, Figure, Part};
use platform::records::list::Total;
use platform::web::shell::Crumb;
use platform::web::{Form, Page, Routes, SignedIn, View};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use validator::Validate;

pub fn routes(r: &mut Routes) {
    r.get("/styleguide", show);
}

/// A field of each sort.
#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
struct Example {
    first_name: String,
    last_name: String,
    email: String,
    status: String,
    amount: String,
    currency: String,
    tags: Vec<String>,
    channels: Vec<String>,
    plan: String,
    notes: String,
}

#[derive(Template, Serialize)]
#[template(path = "platform/styleguide.html")]
struct Styleguide {
    form: Form<Example>,
    #[serde(skip)]
    cards: Vec<Drawn>,
}

/// A card of the dashboard with a chart of each sort, and one with nothing in it.
fn cards() -> Vec<Drawn> {
    let mark = |(at, value): (usize, &i64)| Mark {
        label: format!("Day {}", at + 1),
        short: (at + 1).to_string(),
        value: *value,
        told: value.to_string(),
        url: "#charts".into(),
        ..Mark::default()
    };
    let marks = |values: &[i64]| values.iter().enumerate().map(mark).collect::<Vec<_>>();
    let over_time = |id: &str, style, values: &[i64]| {
        Part::Chart(Chart::OverTime(OverTime {
            id: id.into(),
            title: "Calls".into(),
            marks: marks(values),
            style,
            heads: ["Day", "Calls"],
            axis: |value| compact(value, 0),
        }))
    };
    let figure = |label: &str, count, before| {
        let total = |count| Total { count, exact: true };
        Figure::counted(label, total(count), "#charts".into())
            .changed(Change::counted(total(count), total(before)))
    };
    let figures = vec![
        figure("More", 120, 100),
        figure("Less", 80, 100),
        figure("As before", 5, 5),
        figure("New", 5, 0),
        Figure {
            change: None,
            ..figure("Late", 3, 0)
        }
        .alarming(),
    ];
    let bars = Part::Chart(Chart::Bars(Bars {
        id: "guide-bars".into(),
        title: "Calls".into(),
        marks: marks(&[12, 7, 0]),
        heads: ["Day", "Calls"],
    }));
    vec![
        Drawn::of(vec![Part::Figures(figures)]),
        Drawn::of(vec![over_time("guide-line", Style::Line, &[3, 8, 2, 0, 9])]),
        Drawn::of(vec![over_time(
            "guide-columns",
            Style::Columns,
            &[3, 8, 2, 0, 9],
        )]),
        Drawn::of(vec![bars]),
        Drawn::of(vec![over_time("guide-none", Style::Columns, &[0, 0])]),
        Drawn::lines(Vec::new(), "There is nothing here yet."),
    ]
}

impl Page for Styleguide {
    fn title(&self) -> String {
        "Styleguide".into()
    }

    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Styleguide")]
    }
}

async fn show(who: SignedIn) -> Result<HttpResponse> {
    if who.app.config.production {
        return Err(Error::NotFound);
    }
    let mut form = Form::of(Example {
        first_name: "Ada".into(),
        email: "ada@".into(),
        status: "customer".into(),
        amount: "1,200.00".into(),
        currency: "EUR".into(),
        tags: vec!["vip".into(), "lisbon".into()],
        channels: vec!["email".into()],
        plan: "a".into(),
        notes: "Met at the boat show.".into(),
        ..Example::default()
    });
    form.refuse("last_name", "Please enter a last name.");
    form.refuse(
        "email",
        "Please enter an e-mail address such as ann@example.com.",
    );
    who.page(Styleguide {
        form,
        cards: cards(),
    })
}
