//! What a card answers: figures, a chart, a few lines. One template shows them all.

use askama::Template;
use serde::Serialize;

use crate::charts::Chart;
use crate::records::list::Total;
use crate::web::filters::thousands;

/// A card with what it found.
#[derive(Clone, Debug, Default, Template, Serialize)]
#[template(path = "platform/dashboard/card.html")]
pub struct Drawn {
    pub parts: Vec<Part>,
    /// The way to all of it.
    pub more: Option<Way>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Figures(Vec<Figure>),
    Chart(Chart),
    Lines(Vec<Line>),
    /// The same in another way: another currency, another pipeline.
    Ways(&'static str, Vec<Way>),
    Nothing(String),
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Way {
    pub label: String,
    pub url: String,
    pub chosen: bool,
}

/// A number, and the list behind it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Figure {
    pub label: String,
    pub value: String,
    /// How many records stand behind it, where it tells of records.
    pub count: Option<Total>,
    pub url: String,
    /// What else is to be said: `34 deals`.
    pub note: String,
    pub change: Option<Change>,
    /// `danger` for what should not be.
    #[serde(skip)]
    pub tone: &'static str,
}

impl Figure {
    pub fn counted(label: &str, count: Total, url: String) -> Figure {
        Figure {
            label: label.into(),
            value: count.to_string(),
            count: Some(count),
            url,
            ..Figure::default()
        }
    }

    pub fn changed(mut self, change: Change) -> Figure {
        self.change = Some(change);
        self
    }

    pub fn noted(mut self, note: impl Into<String>) -> Figure {
        self.note = note.into();
        self
    }

    /// Stands out where there are any.
    pub fn alarming(mut self) -> Figure {
        if self.count.is_some_and(|total| total.count > 0) {
            self.tone = "danger";
        }
        self
    }
}

/// How a number differs from that of the period before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    pub sign: &'static str,
    pub text: String,
    /// The same for whoever can't see the sign.
    pub said: String,
    #[serde(skip)]
    pub tone: &'static str,
}

impl Change {
    /// More is better.
    pub fn of(now: i64, before: i64) -> Change {
        let difference = i128::from(now) - i128::from(before);
        let many = |n: i128| match n {
            1_000.. => "over 999 %".to_owned(),
            n => format!("{n} %"),
        };
        let half = i128::from(before.abs()) / 2;
        match (before, difference) {
            (_, 0) => Change::same("as before"),
            // Nothing has no percentage.
            (..=0, _) => Change::same("none before"),
            (before, 1..) => {
                let percent = many((difference * 100 + half) / i128::from(before));
                Change::up(percent)
            }
            (before, _) => {
                let percent = many((-difference * 100 + half) / i128::from(before));
                Change::down(percent)
            }
        }
    }

    /// Of counts; where one of them was not counted to its end there is nothing to tell.
    pub fn counted(now: Total, before: Total) -> Change {
        match now.exact && before.exact {
            true => Change::of(now.count, before.count),
            false => Change::same("too many to compare"),
        }
    }

    /// Of shares, in hundredths.
    pub fn points(now: i64, before: i64) -> Change {
        match now - before {
            0 => Change::same("as before"),
            points @ 1.. => Change::up(format!("{points} points")),
            points => Change::down(format!("{} points", -points)),
        }
    }

    fn up(text: String) -> Change {
        Change {
            sign: "▲",
            said: format!("{text} more than in the period before"),
            text,
            tone: "success",
        }
    }

    fn down(text: String) -> Change {
        Change {
            sign: "▼",
            said: format!("{text} less than in the period before"),
            text,
            tone: "danger",
        }
    }

    /// Neither better nor worse.
    pub fn same(text: &str) -> Change {
        Change {
            sign: "–",
            said: text.to_owned(),
            text: text.to_owned(),
            tone: "",
        }
    }

    /// Less is better.
    pub fn bad(mut self) -> Change {
        self.tone = match self.tone {
            "success" => "danger",
            "danger" => "success",
            tone => tone,
        };
        self
    }
}

/// A record or a piece of news.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Line {
    pub title: String,
    pub url: String,
    pub sub: String,
    /// At the end: an amount, a time.
    pub end: String,
    #[serde(skip)]
    pub icon: &'static str,
    /// A word that stands out, and how.
    pub state: String,
    #[serde(skip)]
    pub tone: &'static str,
}

impl Drawn {
    pub fn of(parts: Vec<Part>) -> Drawn {
        Drawn { parts, more: None }
    }

    pub fn more(mut self, label: &str, url: String) -> Drawn {
        self.more = Some(Way {
            label: label.into(),
            url,
            chosen: false,
        });
        self
    }

    /// Lines, or the sentence in their place.
    pub fn lines(lines: Vec<Line>, nothing: &str) -> Drawn {
        Drawn::of(vec![match lines.is_empty() {
            true => Part::Nothing(nothing.into()),
            false => Part::Lines(lines),
        }])
    }

    /// Whether something in it was not counted to its end.
    pub fn is_large(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Figures(all) => all
                .iter()
                .any(|one| one.count.is_some_and(|total| !total.exact)),
            _ => false,
        })
    }

    fn charts(chart: &Chart) -> String {
        chart.draw().unwrap_or_default()
    }
}

/// `34 deals`, `1 deal`.
pub fn told(count: i64, one: &str, many: &str) -> String {
    let noun = if count == 1 { one } else { many };
    format!("{} {noun}", thousands(&count.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_says_how_much_and_which_way() {
        let told = |now, before| {
            let change = Change::of(now, before);
            format!("{} {}", change.sign, change.text)
        };
        assert_eq!(told(112, 100), "▲ 12 %");
        assert_eq!(told(1, 3), "▼ 67 %");
        assert_eq!(told(0, 3), "▼ 100 %");
        assert_eq!(told(7, 0), "– none before");
        assert_eq!(told(0, 0), "– as before");
        assert_eq!(told(i64::MAX, 1), "▲ over 999 %");
        assert_eq!(told(i64::MIN, i64::MAX), "▼ 200 %");
    }

    #[test]
    fn what_was_not_counted_to_its_end_is_not_compared() {
        let total = |count, exact| Total { count, exact };
        let change = Change::counted(total(10_000, false), total(3, true));
        assert_eq!(change.text, "too many to compare");
        assert_eq!(Change::of(3, 2).bad().tone, "danger");
        assert_eq!(Change::points(60, 65).text, "5 points");
    }
}
