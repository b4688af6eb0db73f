//! The fields in which people say which period and whose figures they want, in the address of any page that shows some.

use actix_web::http::StatusCode;
use askama::Template;

use super::asking::Asking;
use super::period::Span;
use crate::db::Tx;
use crate::error::Result;

/// What the address says that can't be read: the field, and what is wrong with it.
#[derive(Clone, Copy, Debug)]
pub struct Problem {
    pub field: &'static str,
    pub message: &'static str,
}

#[derive(Template)]
#[template(path = "platform/dashboard/asked.html")]
pub struct Asked {
    span: Span,
    from: String,
    to: String,
    who: String,
    people: Vec<(String, String)>,
    problem: Option<Problem>,
}

impl Asked {
    pub fn of(tx: &mut Tx, asking: &Asking, problem: Option<Problem>) -> Result<Asked> {
        let typed = |key: &str| asking.member.asked.param(key).unwrap_or_default();
        let wrong = problem.is_some_and(|problem| problem.field == "from");
        let day = |key: &str, day: chrono::NaiveDate| match wrong {
            true => typed(key),
            false => day.to_string(),
        };
        Ok(Asked {
            // What was typed stays on screen.
            span: if wrong { Span::Own } else { asking.period.span },
            from: day("from", asking.period.from),
            to: day("to", asking.period.to),
            who: asking.who.key(),
            people: asking.people(tx)?,
            problem,
        })
    }

    pub fn status(&self) -> StatusCode {
        match self.problem {
            Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
            None => StatusCode::OK,
        }
    }

    fn spans(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let chosen = self.span;
        Span::ALL
            .into_iter()
            .map(move |(span, key, label)| (key, label, span == chosen))
    }

    fn is_own(&self) -> bool {
        self.span == Span::Own
    }

    fn is_chosen(&self, who: &str) -> bool {
        self.who == who
    }
}
