//! `/brand/{colour}.css`: a workspace's own accent, made legible on every surface it may stand on.
//!
//! The sheet follows from the colour alone, so it needs no database and is kept for ever.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use platform::web::{Public, Routes};
use platform::{Error, Result};

pub fn routes(r: &mut Routes) {
    r.get("/brand/{colour}.css", show);
}

async fn show(_: Public, colour: web::Path<String>) -> Result<HttpResponse> {
    let accent = Colour::parse(&colour).ok_or(Error::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(sheet(accent)))
}

/// Of the surfaces in `static/css/02-tokens.css`, those on which text has it hardest.
const LIGHT_SURFACE: Colour = Colour([0xF1, 0xED, 0xE3]);
const DARK_SURFACE: Colour = Colour([0x19, 0x24, 0x3D]);
const INK: Colour = Colour([0x0B, 0x11, 0x20]);
const BLACK: Colour = Colour([0; 3]);
const WHITE: Colour = Colour([255; 3]);
/// WCAG 2, level AA, for text.
const LEGIBLE: f64 = 4.5;

fn sheet(accent: Colour) -> String {
    let ink = if accent.contrast(INK) >= accent.contrast(WHITE) {
        INK
    } else {
        WHITE
    };
    format!(
        ":root {{ --accent: {}; --accent-ink: {}; --accent-text: light-dark({}, {}); }}\n",
        accent.legible_on(ink, ink.opposite()).css(),
        ink.css(),
        accent.legible_on(LIGHT_SURFACE, BLACK).css(),
        accent.legible_on(DARK_SURFACE, WHITE).css(),
    )
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Colour([u8; 3]);

impl Colour {
    fn parse(hex: &str) -> Option<Colour> {
        let mut rgb = [0; 3];
        hex::decode_to_slice(hex, &mut rgb).ok()?;
        Some(Colour(rgb))
    }

    fn css(self) -> String {
        format!("#{}", hex::encode_upper(self.0))
    }

    fn opposite(self) -> Colour {
        if self == WHITE { BLACK } else { WHITE }
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
        let [r, g, b] = self.0.map(linear);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    fn contrast(self, other: Colour) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn towards(self, other: Colour, percent: u16) -> Colour {
        let mix = |from: u8, to: u8| {
            let sum = u16::from(from) * (100 - percent) + u16::from(to) * percent;
            u8::try_from(sum / 100).unwrap_or(u8::MAX)
        };
        let (a, b) = (self.0, other.0);
        Colour([mix(a[0], b[0]), mix(a[1], b[1]), mix(a[2], b[2])])
    }

    /// As near to itself as it can stay and be read beside `surface`.
    fn legible_on(self, surface: Colour, away: Colour) -> Colour {
        let steps = (0..=100).step_by(4);
        steps
            .map(|percent| self.towards(away, percent))
            .find(|c| c.contrast(surface) >= LEGIBLE)
            .unwrap_or(away)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::world;

    #[test]
    fn every_colour_becomes_legible() {
        for hex in [
            "C9A84C", "000000", "FFFFFF", "777777", "0B1120", "FF0000", "00FF00", "0057B8",
            "FFF000",
        ] {
            let accent = Colour::parse(hex).unwrap();
            assert!(
                accent
                    .legible_on(LIGHT_SURFACE, BLACK)
                    .contrast(LIGHT_SURFACE)
                    >= LEGIBLE,
                "{hex} on light"
            );
            assert!(
                accent
                    .legible_on(DARK_SURFACE, WHITE)
                    .contrast(DARK_SURFACE)
                    >= LEGIBLE,
                "{hex} on dark"
            );
            let ink = if accent.contrast(INK) >= accent.contrast(WHITE) {
                INK
            } else {
                WHITE
            };
            assert!(
                accent.legible_on(ink, ink.opposite()).contrast(ink) >= LEGIBLE,
                "ink on {hex}"
            );
        }
    }

    #[test]
    fn a_legible_colour_stays_as_it_is() {
        assert!(
            sheet(Colour([0xC9, 0xA8, 0x4C]))
                .starts_with(":root { --accent: #C9A84C; --accent-ink: #0B1120;")
        );
    }

    #[actix_web::test]
    async fn what_is_no_colour_is_not_there() {
        let world = world();
        let nobody = world.stranger();
        assert_eq!(nobody.get("/brand/C9A84C.css").await.status, 200);
        for wrong in ["C9A84", "C9A84C00", "red", "%23C9A84C", "GGGGGG"] {
            assert_eq!(
                nobody.get(&format!("/brand/{wrong}.css")).await.status,
                404,
                "{wrong}"
            );
        }
    }
}
