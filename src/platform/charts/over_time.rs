//! Values over time: columns, or a line.

use askama::Template;
use serde::Serialize;

use super::Mark;
use super::scale::{percent, rounded, ticks};

/// The height of what is drawn, in pixels, and of the words below it.
const HEIGHT: i64 = 132;
const TOP: i64 = 10;
const FOOT: i64 = 22;
/// So many labels below fit on a small screen.
const LABELS: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    Columns,
    Line,
}

#[derive(Clone, Debug, Template, Serialize)]
#[template(path = "ui/chart_over_time.html")]
pub struct OverTime {
    /// No other part of the page has it.
    #[serde(skip)]
    pub id: String,
    pub title: String,
    pub marks: Vec<Mark>,
    pub style: Style,
    /// What the two columns of the table are called.
    #[serde(skip)]
    pub heads: [&'static str; 2],
    /// A value of the axis in few signs.
    #[serde(skip)]
    pub axis: fn(i64) -> String,
}

/// A mark in its place: percent of the width, pixels of the height.
struct Placed<'a> {
    mark: &'a Mark,
    x: f64,
    width: f64,
    middle: f64,
    y: f64,
    height: f64,
    labelled: bool,
}

struct Tick {
    y: f64,
    text: String,
}

impl OverTime {
    fn most(&self) -> i64 {
        self.marks.iter().map(|mark| mark.value).max().unwrap_or(0)
    }

    fn top(&self) -> i64 {
        ticks(self.most()).last().copied().unwrap_or(0).max(1)
    }

    fn y(&self, value: i64) -> f64 {
        let share = percent(value, self.top()) / 100.0;
        rounded((TOP + HEIGHT) as f64 - share * HEIGHT as f64)
    }

    fn ticks(&self) -> Vec<Tick> {
        let all = ticks(self.most()).into_iter();
        all.map(|value| Tick {
            y: self.y(value),
            text: (self.axis)(value),
        })
        .collect()
    }

    fn placed(&self) -> Vec<Placed<'_>> {
        let count = self.marks.len();
        let step = 100.0 / count.max(1) as f64;
        let every = count.div_ceil(LABELS).max(1);
        let all = self.marks.iter().enumerate();
        all.map(|(at, mark)| {
            let (x, y) = (step * at as f64, self.y(mark.value));
            Placed {
                mark,
                x: rounded(x),
                width: rounded(step),
                middle: rounded(x + step / 2.0),
                y,
                height: rounded((TOP + HEIGHT) as f64 - y),
                labelled: at % every == 0,
            }
        })
        .collect()
    }

    fn is_line(&self) -> bool {
        self.style == Style::Line
    }

    /// How far a column stands from the next, and how wide it is, in percent.
    fn column(&self, placed: &Placed<'_>) -> (f64, f64) {
        let width = (placed.width * 0.72).min(12.0);
        (
            rounded(placed.middle - width / 2.0),
            rounded(width.max(0.1)),
        )
    }

    fn floor(&self) -> i64 {
        TOP + HEIGHT
    }
    fn label_y(&self) -> i64 {
        TOP + HEIGHT + 16
    }
    fn height(&self) -> i64 {
        TOP + HEIGHT + FOOT
    }

    /// The picture in a sentence.
    fn described(&self) -> String {
        let (Some(first), Some(last)) = (self.marks.first(), self.marks.last()) else {
            return "There is nothing to show.".into();
        };
        let span = match self.marks.len() {
            1 => first.label.clone(),
            _ => format!("From {} to {}", first.label, last.label),
        };
        // Of equals the first.
        let most = self.marks.iter().rev().max_by_key(|mark| mark.value);
        match most.filter(|mark| mark.value > 0) {
            Some(most) if self.marks.len() > 1 => {
                format!("{span}. The most is {} in {}.", most.told, most.label)
            }
            Some(most) => format!("{span}: {}.", most.told),
            None => format!("{span}: nothing."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::compact;
    use super::*;

    fn chart(values: &[i64], style: Style) -> OverTime {
        let mark = |(n, value): (usize, &i64)| Mark {
            label: format!("Day {n}"),
            short: n.to_string(),
            value: *value,
            count: 0,
            told: value.to_string(),
            url: format!("/list?day={n}&x=1"),
            class: String::new(),
        };
        OverTime {
            id: "won".into(),
            title: "Won".into(),
            marks: values.iter().enumerate().map(mark).collect(),
            style,
            heads: ["Day", "Won"],
            axis: |value| compact(value, 0),
        }
    }

    #[test]
    fn a_chart_has_a_title_a_description_and_a_table_with_the_links() {
        for style in [Style::Columns, Style::Line] {
            let html = chart(&[1, 5, 2], style).render().unwrap();
            assert!(html.contains(r#"role="group""#));
            assert!(html.contains(r#"<title id="won-title">Won</title>"#));
            assert!(html.contains("From Day 0 to Day 2. The most is 5 in Day 1."));
            assert!(
                html.contains(
                    r#"<td data-label="Day"><a href="/list?day=1&#38;x=1">Day 1</a></td>"#
                )
            );
            assert!(!html.contains("style="));
        }
    }

    #[test]
    fn nothing_one_point_and_all_zero_are_drawn_too() {
        assert!(
            chart(&[], Style::Line)
                .render()
                .unwrap()
                .contains("nothing to show")
        );
        let one = chart(&[7], Style::Line).render().unwrap();
        assert!(one.contains("Day 0: 7."), "{one}");
        assert!(
            one.contains(r#"cx="50%""#) && !one.contains("chart__line"),
            "{one}"
        );
        let zero = chart(&[0, 0], Style::Columns).render().unwrap();
        assert!(zero.contains("From Day 0 to Day 1: nothing."));
        assert!(!zero.contains("NaN") && !zero.contains("inf"));
    }

    #[test]
    fn huge_and_negative_numbers_stay_within_the_picture() {
        let drawn = chart(&[i64::MAX, -5, 1], Style::Columns);
        for placed in drawn.placed() {
            assert!((TOP as f64..=(TOP + HEIGHT) as f64).contains(&placed.y));
            assert!((0.0..=HEIGHT as f64).contains(&placed.height));
        }
    }

    #[test]
    fn marks_fill_the_width_and_a_few_of_them_are_labelled() {
        let drawn = chart(&[1; 31], Style::Columns);
        let placed = drawn.placed();
        assert_eq!(placed[0].x, 0.0);
        let end = placed[30].x + placed[30].width;
        assert!((99.9..=100.1).contains(&end), "{end}");
        assert_eq!(placed.iter().filter(|p| p.labelled).count(), 6);
    }
}
