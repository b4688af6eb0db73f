//! Help: what each screen is for and how its usual things are done, brought by the slices as Markdown.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use pulldown_cmark::{CowStr, Event, Parser, html};

/// The help to some screens, given by their slice at start. It is shown to those who may view what it is about.
#[derive(Clone, Copy, Debug)]
pub struct Topic {
    /// Its place in addresses, `/w/{workspace}/help/{key}`.
    pub key: &'static str,
    /// As in the sidebar.
    pub section: &'static str,
    pub icon: &'static str,
    /// The screens below `/w/{workspace}`, and what is below them; `*` stands for any one segment.
    pub screens: &'static [&'static str],
    pub resource: &'static str,
    /// Begins with `# Its title`. Links lead to addresses below `/w/{workspace}`; `code` is a key to press.
    pub text: &'static str,
}

/// A topic as it is read.
#[derive(Clone, Debug)]
pub struct Help {
    pub topic: Topic,
    pub title: String,
    /// Made once somebody reads it, not at every start.
    html: OnceLock<String>,
    /// Its text and what it begins with, without the marks of the format.
    plain: String,
    pub lead: String,
    sought: String,
}

#[derive(Clone, Debug, Default)]
pub struct Topics(Vec<Help>);

impl Topics {
    pub fn new(topics: Vec<Topic>) -> Topics {
        Topics(topics.into_iter().map(Help::of).collect())
    }

    pub fn all(&self) -> &[Help] {
        let Topics(all) = self;
        all
    }

    pub fn find(&self, key: &str) -> Option<&Help> {
        self.all().iter().find(|help| help.topic.key == key)
    }

    /// The one that tells most exactly of the screen at `path`, which is below `/w/{workspace}`.
    pub fn of_screen(&self, path: &str, sees: impl Fn(&Topic) -> bool) -> Option<&Help> {
        let topics = self.all().iter();
        let fits = topics.filter_map(|help| Some((help.topic.nearness(path)?, help)));
        fits.filter(|(_, help)| sees(&help.topic))
            .max_by_key(|(nearness, _)| *nearness)
            .map(|(_, help)| help)
    }

    /// Those that hold every word: first where the title does.
    pub fn search(&self, q: &str, sees: impl Fn(&Topic) -> bool) -> Vec<&Help> {
        let words: Vec<String> = q.split_whitespace().map(str::to_lowercase).collect();
        let holds = |help: &&Help| words.iter().all(|word| help.sought.contains(word));
        let all = self.all().iter().filter(|help| sees(&help.topic));
        let mut found: Vec<&Help> = all.filter(holds).collect();
        found.sort_by_key(|help| {
            let title = help.title.to_lowercase();
            !words.iter().all(|word| title.contains(word))
        });
        found
    }
}

impl Topic {
    /// The line of its title, and what follows.
    fn parts(&self) -> (&'static str, &'static str) {
        self.text.split_once('\n').unwrap_or((self.text, ""))
    }

    /// How many segments of the path are meant, and how many of those by name.
    fn nearness(&self, path: &str) -> Option<(usize, usize)> {
        let of = |screen: &&str| {
            let mut here = segments(path);
            let fits = segments(screen).all(|s| here.next().is_some_and(|h| s == "*" || s == h));
            // The start page is above all others, and is no help to them.
            let fits = fits && (!screen.is_empty() || path.is_empty());
            let named = segments(screen).filter(|s| *s != "*").count();
            fits.then(|| (segments(screen).count(), named))
        };
        self.screens.iter().filter_map(of).max()
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').skip(1)
}

impl Help {
    fn of(topic: Topic) -> Help {
        let (title, text) = topic.parts();
        let title = title.trim_start_matches('#').trim().to_owned();
        let plain = plain(text);
        Help {
            html: OnceLock::new(),
            sought: format!("{title} {plain}").to_lowercase(),
            lead: self::plain(text.trim_start().split("\n\n").next().unwrap_or_default()),
            plain,
            title,
            topic,
        }
    }

    fn markup(&self) -> &str {
        self.html.get_or_init(|| rendered(self.topic.parts().1))
    }

    /// The text with its links below `base`, `/w/acme`.
    pub fn html(&self, base: &str) -> String {
        let below = format!("href=\"{base}/");
        let html = self.markup().replace("href=\"/", &below);
        html.replace(&format!("{below}\""), &format!("href=\"{base}\""))
    }

    /// The same for the panel, where links to other topics stay.
    pub fn in_panel(&self, base: &str) -> String {
        let stays =
            "hx-target=\"#help-body\" hx-swap=\"innerHTML show:none\" hx-push-url=\"false\"";
        let link = format!("href=\"{base}/help");
        self.html(base).replace(&link, &format!("{stays} {link}"))
    }

    /// Where the links in it lead, below `/w/{workspace}`.
    pub fn links(&self) -> Vec<String> {
        let hrefs = self.markup().split("href=\"").skip(1);
        hrefs
            .filter_map(|after| after.split('"').next())
            .map(str::to_owned)
            .collect()
    }

    pub fn plain(&self) -> &str {
        &self.plain
    }
}

fn rendered(text: &str) -> String {
    let keys = |event| match event {
        Event::Code(keys) => {
            let keys: Vec<String> = keys.split(' ').map(|k| format!("<kbd>{k}</kbd>")).collect();
            Event::InlineHtml(CowStr::from(keys.join(" ")))
        }
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    };
    let mut out = String::with_capacity(text.len() * 2);
    html::push_html(&mut out, Parser::new(text).map(keys));
    let tags = ["p", "h2", "ul", "ol", "li", "strong", "em", "a", "kbd"];
    ammonia::Builder::default()
        .tags(HashSet::from(tags))
        .generic_attributes(HashSet::new())
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
        .url_schemes(HashSet::new())
        .link_rel(None)
        .clean(&out)
        .to_string()
}

fn plain(text: &str) -> String {
    let words = Parser::new(text).filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(text.into_string()),
        Event::SoftBreak | Event::End(_) => Some(" ".to_owned()),
        _ => None,
    });
    let text: String = words.collect();
    // A mark that ends within a sentence leaves a space before its full stop.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    [".", ",", ";", ":", ")"]
        .iter()
        .fold(text, |text, sign| text.replace(&format!(" {sign}"), sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn topic(key: &'static str, screens: &'static [&'static str]) -> Topic {
        Topic {
            key,
            section: "",
            icon: "info",
            screens,
            resource: "contacts",
            text: "# People\nPress `g c`, then **read** [imports](/contacts/imports). <script>x</script>\n",
        }
    }

    #[test]
    fn the_nearest_topic_is_that_of_the_screen() {
        let topics = Topics::new(vec![
            topic("home", &[""]),
            topic("contacts", &["/contacts"]),
            topic("contact", &["/contacts/*"]),
            topic("imports", &["/contacts/imports", "/imports"]),
        ]);
        let at = |path| topics.of_screen(path, |_| true).map(|help| help.topic.key);
        assert_eq!(at(""), Some("home"));
        assert_eq!(at("/contacts"), Some("contacts"));
        assert_eq!(at("/contacts/1/edit"), Some("contact"));
        assert_eq!(at("/contacts/imports/1"), Some("imports"));
        assert_eq!(at("/contacts-x"), None);
        let none = topics.of_screen("/imports", |_| false);
        assert!(none.is_none());
    }

    #[test]
    fn a_text_is_rendered_clean_with_its_links_and_keys() {
        let topics = Topics::new(vec![topic("people", &[])]);
        let help = topics.find("people").unwrap();
        let html = help.html("/w/acme");
        assert!(html.contains("<kbd>g</kbd> <kbd>c</kbd>"), "{html}");
        assert!(html.contains("href=\"/w/acme/contacts/imports\""), "{html}");
        assert!(!html.contains("<script"), "{html}");
        assert_eq!(help.title, "People");
        assert_eq!(help.links(), ["/contacts/imports"]);
        assert!(
            help.plain().starts_with("Press g c, then read imports."),
            "{}",
            help.plain()
        );
        let found = |q| topics.search(q, |_| true).len();
        assert_eq!((found("PEOPLE imports"), found("boats")), (1, 0));
    }
}
