//! Arranging the dashboard: cards are added, taken off, moved and widened, each by a button.

use actix_web::HttpResponse;
use actix_web::web;
use askama::Template;
use platform::dashboard::Card;
use platform::web::can::{Member, View as See};
use platform::web::{Can, Crumb, Form, Page, Toast, View};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use validator::Validate;

use super::Dashboard;
use super::arrangement::{Arrangement, Place, granted, known};

const PATH: &str = "/dashboard/cards";

#[derive(Template, Serialize)]
#[template(path = "workspaces/home/arrange.html")]
struct Arrange {
    items: Vec<Shown>,
    /// Those that could be added.
    others: Vec<Shown>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    home: String,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    place: Place,
    title: &'static str,
    text: &'static str,
    #[serde(skip)]
    icon: &'static str,
}

impl Page for Arrange {
    fn title(&self) -> String {
        "Arrange the dashboard".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::to("Home", &self.home), Crumb::here("Arrange")]
    }
}

impl Arrange {
    fn of(member: &Member, all: &[Card], arrangement: Arrangement) -> Arrange {
        let shown = |place: Place| {
            let card = all.iter().find(|card| card.key == place.key)?;
            Some(Shown {
                place,
                title: card.title,
                text: card.text,
                icon: card.icon,
            })
        };
        let Arrangement(places) = arrangement;
        let others = all
            .iter()
            .filter(|card| !places.iter().any(|place| place.key == card.key))
            .map(|card| Place {
                key: card.key.into(),
                whole: card.whole,
            });
        Arrange {
            others: others.filter_map(shown).collect(),
            items: places.into_iter().filter_map(shown).collect(),
            base: member.url(PATH),
            home: member.url(""),
        }
    }

    fn url(&self, shown: &Shown) -> String {
        format!("{}/{}", self.base, shown.place.key)
    }
    fn change_url(&self, shown: &Shown) -> String {
        self.url(shown) + "?_method=PATCH"
    }
}

pub async fn index(can: Can<See, Dashboard>) -> Result<HttpResponse> {
    let all = granted(&can);
    let cards = all.clone();
    let arrangement = can.tx(move |tx| Arrangement::mine(tx, &cards)).await?;
    can.page(Arrange::of(&can, &all, arrangement))
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct Addition {
    pub card: String,
}

pub async fn add(can: Can<See, Dashboard>, form: Form<Addition>) -> Result<HttpResponse> {
    let key = form.valid()?.card;
    let all = granted(&can);
    let card = known(&all, &key).map_err(|_| Error::invalid("card", "There is no such card."))?;
    let place = Place {
        key: card.key.to_owned(),
        whole: card.whole,
    };
    let work = move |places: &mut Vec<Place>| {
        if !places.iter().any(|there| there.key == place.key) {
            places.push(place);
        }
        Ok(())
    };
    changed(
        &can,
        all,
        work,
        format!("{} is on the dashboard", card.title),
    )
    .await
}

/// A step up (-1) or down (1), or another width.
#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct Alteration {
    #[validate(range(min = -1, max = 1, message = "A step is -1 or 1."))]
    pub by: i32,
    pub whole: Option<bool>,
}

/// `/w/{workspace}/dashboard/cards/{card}`.
type CardPath = web::Path<(String, String)>;

pub async fn change(
    can: Can<See, Dashboard>,
    path: CardPath,
    form: Form<Alteration>,
) -> Result<HttpResponse> {
    let (_, key) = path.into_inner();
    let all = granted(&can);
    let card = known(&all, &key)?;
    let Alteration { by, whole } = form.valid()?;
    let work = move |places: &mut Vec<Place>| {
        let at = places.iter().position(|place| place.key == card.key);
        let at = at.ok_or(Error::NotFound)?;
        if let Some(whole) = whole {
            places[at].whole = whole;
        }
        let to = at.saturating_add_signed(by.signum() as isize);
        if to < places.len() {
            places.swap(at, to);
        }
        Ok(())
    };
    changed(&can, all, work, String::new()).await
}

pub async fn remove(can: Can<See, Dashboard>, path: CardPath) -> Result<HttpResponse> {
    let (_, key) = path.into_inner();
    let all = granted(&can);
    let card = known(&all, &key)?;
    let work = move |places: &mut Vec<Place>| {
        let before = places.len();
        places.retain(|place| place.key != card.key);
        match places.len() < before {
            true => Ok(()),
            false => Err(Error::NotFound),
        }
    };
    changed(
        &can,
        all,
        work,
        format!("{} is off the dashboard", card.title),
    )
    .await
}

pub async fn reset(can: Can<See, Dashboard>) -> Result<HttpResponse> {
    can.tx(Arrangement::reset).await?;
    can.done(
        &can.url(PATH),
        Toast::done("The dashboard is as everybody's is at first"),
    )
}

async fn changed(
    can: &Can<See, Dashboard>,
    all: Vec<Card>,
    work: impl FnOnce(&mut Vec<Place>) -> Result<()> + Send + 'static,
    words: String,
) -> Result<HttpResponse> {
    let arrangement = can
        .tx(move |tx| {
            Arrangement::change(tx, &all, work)?;
            Arrangement::mine(tx, &all)
        })
        .await?;
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(serde_json::json!({ "items": arrangement })));
    }
    let toast = (!words.is_empty()).then(|| Toast::done(words));
    can.redirect(&can.url(PATH), toast)
}
