//! From source to template: markup rendered, links numbered, text made, everything checked.

use super::engine::{self, HTML, SUBJECT, TEXT};
use super::hidden::Hidden;
use super::links::{self, Numbering};
use super::merge::{self, Piece};
use super::{
    CompiledTemplate, MAX_SUBJECT, Part, Source, TemplateError, link_name, markup, mjml, text,
};

pub(super) const MAX_SOURCE: usize = 512 * 1024;

impl CompiledTemplate {
    pub fn compile(source: &Source<'_>) -> Result<Self, TemplateError> {
        let subject = parse(Part::Subject, source.subject, 4 * MAX_SUBJECT)?;
        if engine::URLS
            .iter()
            .any(|url| engine::source(&subject).contains(url))
        {
            let message = "an address cannot stand in the subject".to_owned();
            return Err(TemplateError::new(Part::Subject, None, message));
        }
        let clicks = source.tracking.clicks;
        let body_fault = |message| TemplateError::new(Part::Body, None, message);
        let (mut hidden, html) = body(source)?;
        let mut numbering = Numbering::default();
        let mut html = numbering
            .number(&mut hidden, &html, clicks)
            .map_err(body_fault)?;
        let mut text = match source.text.filter(|text| !text.trim().is_empty()) {
            Some(text) => parse(Part::Text, text, MAX_SOURCE)?,
            None => hidden.reveal(&text::from_html(&html).map_err(body_fault)?),
        };
        if let Some(footer) = source.footer {
            let fragment = hidden.also(footer.html);
            let fragment =
                fragment.map_err(|fault| TemplateError::at(Part::Footer, footer.html, fault))?;
            let fragment = numbering.number(&mut hidden, &fragment, clicks);
            let fragment =
                fragment.map_err(|message| TemplateError::new(Part::Footer, None, message))?;
            html = links::append(&html, &fragment);
            let ends_line = matches!(text.last(), Some(Piece::Text(last)) if last.ends_with('\n'));
            let gap = if ends_line { "\n" } else { "\n\n" };
            merge::push(&mut text, Piece::Text(gap.into()));
            text.extend(parse(Part::Footer, footer.text, MAX_SOURCE)?);
        }
        if source.tracking.opens {
            html = links::append(&html, &hidden.hide(Piece::Pixel));
        }
        Self::assemble([subject, hidden.reveal(&html), text], numbering)
    }

    fn assemble(
        [subject, html, text]: [Vec<Piece>; 3],
        numbering: Numbering,
    ) -> Result<Self, TemplateError> {
        let mut env = engine::environment();
        let mut names: Vec<String> = [SUBJECT, HTML, TEXT].map(str::to_owned).into();
        names.extend((1..=numbering.targets.len()).map(link_name));
        let parts = [&subject, &html, &text].map(|pieces| engine::source(pieces));
        for (name, source) in names.iter().zip(parts.into_iter().chain(numbering.targets)) {
            let added = env.add_template_owned(name.clone(), source);
            added.map_err(|error| TemplateError::of_engine(name, &error))?;
        }
        let fields = engine::fields(&env, &names);
        Ok(Self {
            env,
            subject,
            html,
            text,
            links: numbering.links,
            fields,
        })
    }
}

fn parse(part: Part, source: &str, limit: usize) -> Result<Vec<Piece>, TemplateError> {
    check_size(part, source, limit)?;
    merge::pieces(source).map_err(|fault| TemplateError::at(part, source, fault))
}

/// The body as HTML, its fields hidden.
fn body(source: &Source<'_>) -> Result<(Hidden, String), TemplateError> {
    check_size(Part::Body, source.body, MAX_SOURCE)?;
    let footer = source.footer.map_or("", |footer| footer.html);
    let hidden = Hidden::new(source.body, &[source.body, footer])
        .map_err(|fault| TemplateError::at(Part::Body, source.body, fault))?;
    let html = if mjml::is_mjml(&hidden.text) {
        mjml::to_html(&hidden.text).map_err(|(at, message)| {
            TemplateError::new(Part::Body, Some(hidden.line(at)), message)
        })?
    } else {
        page(&hidden.text)
    };
    Ok((hidden, html))
}

/// A whole page, also where only its body was written.
fn page(html: &str) -> String {
    if markup::tags(html)
        .iter()
        .any(|tag| tag.is("html") || tag.is("body"))
    {
        return html.to_owned();
    }
    format!(
        "<!doctype html>\n<html><head><meta charset=\"utf-8\"></head><body>\n{html}\n</body></html>\n"
    )
}

fn check_size(part: Part, source: &str, limit: usize) -> Result<(), TemplateError> {
    match source.len() <= limit {
        true => Ok(()),
        false => Err(TemplateError::new(
            part,
            None,
            format!("it is longer than {limit} bytes"),
        )),
    }
}
