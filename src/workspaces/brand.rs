//! `/brand/{colour}.css`: a workspace's colour in place of ours, made legible on every surface it may stand on.
//!
//! It is kept where it can be and moved where it must be. The sheet follows from the colour alone, so it needs no
//! database and is kept for ever. Contrast is that of WCAG 2.2: text needs 4.5:1.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use platform::web::{Public, Routes};
use platform::{Error, Result};

pub fn routes(r: &mut Routes) {
    r.get("/brand/{colour}.css", show);
}

async fn show(_: Public, colour: web::Path<String>) -> Result<HttpResponse> {
    let accent = Colour::from_hex(&colour).ok_or(Error::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(sheet(accent)))
}

/// The surfaces of both themes, of the application (`tokens.css`) and of public pages (`public.css`).
const DARK: [Colour; 5] = [
    Colour(0x0B, 0x11, 0x20),
    Colour(0x12, 0x1B, 0x30),
    Colour(0x19, 0x24, 0x3D),
    Colour(0x14, 0x18, 0x1F),
    Colour(0x0E, 0x11, 0x16),
];
const LIGHT: [Colour; 4] = [
    Colour(0xFA, 0xF8, 0xF3),
    Colour(0xFF, 0xFF, 0xFF),
    Colour(0xF1, 0xED, 0xE3),
    Colour(0xF6, 0xF6, 0xF4),
];
const NAVY: Colour = DARK[0];
const WHITE: Colour = Colour(0xFF, 0xFF, 0xFF);
const BLACK: Colour = Colour(0, 0, 0);

const TEXT: f64 = 4.5;
/// A filled button is known by its words; its edge need only be told from the page.
const FILL: f64 = 1.6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(u8, u8, u8);

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }
}

impl Colour {
    /// `#C9A84C`.
    pub fn parse(text: &str) -> Option<Colour> {
        Colour::from_hex(text.strip_prefix('#')?)
    }

    fn from_hex(hex: &str) -> Option<Colour> {
        let mut rgb = [0; 3];
        hex::decode_to_slice(hex, &mut rgb).ok()?;
        let [r, g, b] = rgb;
        Some(Colour(r, g, b))
    }

    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    pub fn contrast(self, other: Colour) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// `percent` of the way to `other`.
    fn towards(self, other: Colour, percent: u32) -> Colour {
        let mix = |a: u8, b: u8| {
            let (a, b) = (u32::from(a), u32::from(b));
            // Between two bytes, so it is one.
            ((a * (100 - percent) + b * percent + 50) / 100) as u8
        };
        Colour(
            mix(self.0, other.0),
            mix(self.1, other.1),
            mix(self.2, other.2),
        )
    }

    /// This colour, or the nearest on the way to `end` that stands out from all of `surfaces`.
    fn standing_out(self, surfaces: &[Colour], end: Colour, least: f64) -> Colour {
        let steps = (0..=100).map(|percent| self.towards(end, percent));
        let legible = |c: &Colour| surfaces.iter().all(|s| c.contrast(*s) >= least);
        steps.into_iter().find(legible).unwrap_or(end)
    }

    /// What can be read on it.
    fn ink(self) -> Colour {
        [NAVY, WHITE]
            .into_iter()
            .find(|ink| self.contrast(*ink) >= TEXT)
            .unwrap_or(BLACK)
    }
}

/// How a brand colour shows in one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shade {
    pub surface: Colour,
    pub fill: Colour,
    pub ink: Colour,
    pub text: Colour,
}

impl Shade {
    fn of(accent: Colour, surfaces: &[Colour], end: Colour) -> Shade {
        let fill = accent.standing_out(surfaces, end, FILL);
        Shade {
            surface: surfaces[0],
            fill,
            ink: fill.ink(),
            text: accent.standing_out(surfaces, end, TEXT),
        }
    }

    pub fn dark(accent: Colour) -> Shade {
        Shade::of(accent, &DARK, WHITE)
    }

    pub fn light(accent: Colour) -> Shade {
        Shade::of(accent, &LIGHT, BLACK)
    }
}

/// The stylesheet that puts the colour over ours.
fn sheet(accent: Colour) -> String {
    let (light, dark) = (Shade::light(accent), Shade::dark(accent));
    let both = |name: &str, part: fn(&Shade) -> Colour| {
        format!("--{name}: light-dark({}, {});", part(&light), part(&dark))
    };
    format!(
        ":root {{ {} {} {} }}\n",
        both("accent", |s| s.fill),
        both("accent-ink", |s| s.ink),
        both("accent-text", |s| s.text)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::world;

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap()
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((WHITE.contrast(BLACK) - 21.0).abs() < 0.01);
        assert!((colour("#767676").contrast(WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn any_colour_is_made_legible_on_every_surface() {
        let steps = [0x00, 0x33, 0x66, 0x99, 0xCC, 0xFF];
        for r in steps {
            for (g, b) in steps.into_iter().flat_map(|g| steps.map(|b| (g, b))) {
                let accent = Colour(r, g, b);
                for (shade, surfaces) in [
                    (Shade::dark(accent), &DARK[..]),
                    (Shade::light(accent), &LIGHT[..]),
                ] {
                    assert!(shade.ink.contrast(shade.fill) >= TEXT, "{accent}");
                    for surface in surfaces {
                        assert!(shade.text.contrast(*surface) >= TEXT, "{accent}");
                        assert!(shade.fill.contrast(*surface) >= FILL, "{accent}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_colour_that_is_legible_stays_as_it_was_chosen() {
        let gold = colour("#C9A84C");
        assert_eq!(Shade::dark(gold).fill, gold);
        assert_eq!(Shade::dark(gold).text, gold);
        assert_eq!(Shade::light(gold).fill, gold);
        assert_ne!(Shade::light(gold).text, gold);
    }

    #[actix_web::test]
    async fn what_is_no_colour_is_not_there() {
        let world = world();
        let nobody = world.stranger();
        let gold = nobody.get("/brand/C9A84C.css").await;
        assert!(
            gold.text
                .starts_with(":root { --accent: light-dark(#C9A84C, #C9A84C);")
        );
        for wrong in ["C9A84", "C9A84C00", "red", "%23C9A84C", "GGGGGG"] {
            assert_eq!(
                nobody.get(&format!("/brand/{wrong}.css")).await.status,
                404,
                "{wrong}"
            );
        }
    }
}
