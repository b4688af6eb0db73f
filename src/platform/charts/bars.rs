//! A bar for each of a few things, with its name and its value on it: no axis is needed.

use askama::Template;
use serde::Serialize;

use super::Mark;
use super::scale::percent;

/// How high a bar with its words is, in pixels.
const ROW: i64 = 36;

#[derive(Clone, Debug, Template, Serialize)]
#[template(path = "ui/chart_bars.html")]
pub struct Bars {
    #[serde(skip)]
    pub id: String,
    pub title: String,
    pub marks: Vec<Mark>,
    #[serde(skip)]
    pub heads: [&'static str; 2],
}

struct Placed<'a> {
    mark: &'a Mark,
    y: i64,
    /// In percent of the longest.
    width: f64,
}

impl Bars {
    fn placed(&self) -> Vec<Placed<'_>> {
        let most = self.marks.iter().map(|mark| mark.value).max().unwrap_or(0);
        let all = self.marks.iter().enumerate();
        all.map(|(at, mark)| Placed {
            mark,
            y: at as i64 * ROW,
            width: percent(mark.value, most),
        })
        .collect()
    }

    fn height(&self) -> i64 {
        (self.marks.len() as i64 * ROW).max(1)
    }
    fn row(&self) -> i64 {
        ROW
    }
    fn text_y(&self, y: &i64) -> i64 {
        y + 14
    }
    fn bar_y(&self, y: &i64) -> i64 {
        y + 21
    }

    fn described(&self) -> String {
        let all: Vec<String> = self.marks.iter().map(Mark::said).collect();
        match all.is_empty() {
            true => "There is nothing to show.".into(),
            false => all.join("; ") + ".",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(values: &[i64]) -> Bars {
        let mark = |value: &i64| Mark {
            label: "New <b>".into(),
            value: *value,
            told: format!("EUR {value}"),
            url: "/deals".into(),
            ..Mark::default()
        };
        Bars {
            id: "open".into(),
            title: "Open".into(),
            marks: values.iter().map(mark).collect(),
            heads: ["Stage", "Worth"],
        }
    }

    #[test]
    fn the_longest_bar_is_as_wide_as_there_is_room() {
        let all = bars(&[i64::MAX, i64::MAX / 2, 0]);
        let widths: Vec<f64> = all.placed().iter().map(|p| p.width).collect();
        assert_eq!(widths, [100.0, 50.0, 0.0]);
    }

    #[test]
    fn names_are_escaped_and_said() {
        let html = bars(&[3]).render().unwrap();
        assert!(!html.contains("<b>"), "{html}");
        assert!(html.contains("EUR 3."), "{html}");
        assert!(html.contains(r#"role="group""#));
    }

    #[test]
    fn nothing_and_all_zero_are_drawn_too() {
        assert!(bars(&[]).render().unwrap().contains("nothing to show"));
        let zero = bars(&[0, 0]).render().unwrap();
        assert!(!zero.contains("NaN"), "{zero}");
    }
}
