//! Colours.
//!
//! Ten category colours and neutrals, for light and for dark pages. Headers carry
//! white text on a category colour with a contrast of at least 4.5 (WCAG 2); any
//! two categories differ by a CIEDE2000 of at least 15, and of at least 8 as
//! people with one of the three colour-blindnesses see them. A test checks it.

use crate::ops::Category;

/// A colour: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Colour(r, g, b) = *self;
        let short = |v: u8| v >> 4 == v & 15;
        if [r, g, b].into_iter().all(short) {
            write!(f, "#{:x}{:x}{:x}", r & 15, g & 15, b & 15)
        } else {
            write!(f, "#{r:02x}{g:02x}{b:02x}")
        }
    }
}

/// Which colours to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Theme {
    /// Light, or dark where the page asks for it.
    #[default]
    Auto,
    /// For light pages.
    Light,
    /// For dark pages.
    Dark,
}

impl Theme {
    /// The word for options and metadata.
    pub fn word(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
}

/// The ground of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// None: what is below shows through.
    Transparent,
    /// This colour.
    Colour(Colour),
}

impl std::str::FromStr for Background {
    type Err = String;

    /// `transparent`, `white`, `black`, `#fff` or `#ffffff`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is not a valid colour: use #rrggbb, #rgb, white, black or transparent");
        match text {
            "transparent" | "none" => return Ok(Background::Transparent),
            "white" => return Ok(Background::Colour(Colour(255, 255, 255))),
            "black" => return Ok(Background::Colour(Colour(0, 0, 0))),
            _ => {}
        }
        let digits: Option<Vec<u8>> =
            text.strip_prefix('#').and_then(|hex| hex.chars().map(|c| Some(c.to_digit(16)? as u8)).collect());
        match digits.as_deref() {
            Some(&[r, g, b]) => Ok(Background::Colour(Colour(17 * r, 17 * g, 17 * b))),
            Some(&[r, s, g, h, b, c]) => Ok(Background::Colour(Colour(16 * r + s, 16 * g + h, 16 * b + c))),
            _ => Err(wrong()),
        }
    }
}

/// The colours of everything that has no category.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // the names say it
pub struct Neutrals {
    pub background: Colour,
    pub text: Colour,
    pub muted: Colour,
    pub row: Colour,
    pub line: Colour,
    pub body: Colour,
    pub border: Colour,
    /// Elementwise operators and unknown ones.
    pub plain: Colour,
    pub plain_border: Colour,
    /// Graph inputs and outputs.
    pub terminal: Colour,
    pub terminal_border: Colour,
    pub frame: Colour,
    pub frame_border: Colour,
    /// Names that nothing defines.
    pub alarm: Colour,
    /// The border of what is new, in a picture of before and after.
    pub added: Colour,
    /// The border of what changed.
    pub changed: Colour,
}

const fn c(rgb: u32) -> Colour {
    Colour((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

/// The neutral colours for light pages.
pub const LIGHT: Neutrals = Neutrals {
    background: c(0xffffff),
    text: c(0x1f2933),
    muted: c(0x66727f),
    row: c(0x323f4b),
    line: c(0x616e7c),
    body: c(0xffffff),
    border: c(0xb8c1cc),
    plain: c(0xeef1f5),
    plain_border: c(0x9aa5b1),
    terminal: c(0xe4e7eb),
    terminal_border: c(0xb8c1cc),
    frame: c(0xf5f8fc),
    frame_border: c(0xb8c7dc),
    alarm: c(0xb3261e),
    added: c(0x1a7f37),
    changed: c(0xb97500),
};

/// The neutral colours for dark pages.
pub const DARK: Neutrals = Neutrals {
    background: c(0x14181d),
    text: c(0xe4e7eb),
    muted: c(0x98a4b1),
    row: c(0xcbd2d9),
    line: c(0x9aa5b1),
    body: c(0x1d232a),
    border: c(0x46525e),
    plain: c(0x2a323b),
    plain_border: c(0x616e7c),
    terminal: c(0x323f4b),
    terminal_border: c(0x52606d),
    frame: c(0x18212c),
    frame_border: c(0x34485f),
    alarm: c(0xf2887f),
    added: c(0x3fb950),
    changed: c(0xe3a52b),
};

/// The categories that have a colour, with it in light and in dark.
pub const COLOURS: [(Category, Colour, Colour); 10] = [
    (Category::Layer, c(0x1c5bac), c(0x376dbe)),
    (Category::Activation, c(0x761c0a), c(0x88371c)),
    (Category::Pool, c(0x137f91), c(0x37646d)),
    (Category::Normalization, c(0x256d52), c(0x2e7f64)),
    (Category::Attention, c(0x76407f), c(0x885291)),
    (Category::Shape, c(0x765225), c(0x916425)),
    (Category::Tensor, c(0x76761c), c(0x5b6440)),
    (Category::Reduce, c(0xbe496d), c(0xbe5264)),
    (Category::Quantization, c(0x252e6d), c(0x404091)),
    (Category::Control, c(0x5b1c2e), c(0x6d3749)),
];

/// The position of a category in [`COLOURS`]; `None` for the neutral ones.
pub fn colour_index(category: Category) -> Option<usize> {
    COLOURS.iter().position(|(c, ..)| *c == category)
}

/// Colours for numbers, from the least to the greatest: equal steps to the eye, also of
/// the colour-blind. *Viridis* by N. Smith and S. van der Walt, 2015, public domain (CC0).
pub const HEAT: [Colour; 12] = [
    c(0x440154),
    c(0x482173),
    c(0x433e85),
    c(0x38588c),
    c(0x2d708e),
    c(0x25858e),
    c(0x1e9b8a),
    c(0x2ab07f),
    c(0x52c569),
    c(0x86d549),
    c(0xc2df23),
    c(0xfde725),
];

/// From this step of [`HEAT`] on dark text is easier to read than white.
pub const DARK_TEXT_FROM: usize = 5;

#[cfg(test)]
mod tests {
    // Thresholds of colours: the last bit does not matter.
    #![allow(clippy::disallowed_methods)]

    use super::*;

    fn linear(v: f64) -> f64 {
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    }

    fn rgb(Colour(r, g, b): Colour) -> [f64; 3] {
        [r, g, b].map(|v| linear(f64::from(v) / 255.0))
    }

    fn luminance(c: Colour) -> f64 {
        let [r, g, b] = rgb(c);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    fn contrast(a: Colour, b: Colour) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn times(m: [[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
        m.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
    }

    /// CIE L*a*b* (D65) of linear RGB.
    fn lab(rgb: [f64; 3]) -> [f64; 3] {
        let to_xyz = [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ];
        let [x, y, z] = times(to_xyz, rgb);
        let f = |t: f64| if t > 0.008856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
        let (x, y, z) = (f(x / 0.95047), f(y), f(z / 1.08883));
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    /// G. Sharma, W. Wu, E. Dalal, "The CIEDE2000 color-difference formula", Color
    /// Research and Application 30(1), 2005.
    fn ciede2000(p: [f64; 3], q: [f64; 3]) -> f64 {
        let chroma = |v: [f64; 3]| v[1].hypot(v[2]);
        let mean = (chroma(p) + chroma(q)) / 2.0;
        let g = 0.5 * (1.0 - (mean.powi(7) / (mean.powi(7) + 25f64.powi(7))).sqrt());
        let polar = |v: [f64; 3]| {
            let a = v[1] * (1.0 + g);
            (
                a.hypot(v[2]),
                if a == 0.0 && v[2] == 0.0 { 0.0 } else { v[2].atan2(a).to_degrees().rem_euclid(360.0) },
            )
        };
        let ((c1, h1), (c2, h2)) = (polar(p), polar(q));
        let mut dh = if c1 * c2 == 0.0 { 0.0 } else { h2 - h1 };
        if dh > 180.0 {
            dh -= 360.0
        } else if dh < -180.0 {
            dh += 360.0
        }
        let dh_term = 2.0 * (c1 * c2).sqrt() * (dh / 2.0).to_radians().sin();
        let (l, cm) = ((p[0] + q[0]) / 2.0, (c1 + c2) / 2.0);
        let hm = if c1 * c2 == 0.0 {
            h1 + h2
        } else if (h1 - h2).abs() <= 180.0 {
            (h1 + h2) / 2.0
        } else if h1 + h2 < 360.0 {
            (h1 + h2 + 360.0) / 2.0
        } else {
            (h1 + h2 - 360.0) / 2.0
        };
        let cos = |d: f64| d.to_radians().cos();
        let t = 1.0 - 0.17 * cos(hm - 30.0) + 0.24 * cos(2.0 * hm) + 0.32 * cos(3.0 * hm + 6.0)
            - 0.20 * cos(4.0 * hm - 63.0);
        let sl = 1.0 + 0.015 * (l - 50.0).powi(2) / (20.0 + (l - 50.0).powi(2)).sqrt();
        let (sc, sh) = (1.0 + 0.045 * cm, 1.0 + 0.015 * cm * t);
        let turn = 30.0 * (-((hm - 275.0) / 25.0).powi(2)).exp();
        let rt = -(2.0 * turn).to_radians().sin() * 2.0 * (cm.powi(7) / (cm.powi(7) + 25f64.powi(7))).sqrt();
        let (dl, dc, dh) = ((q[0] - p[0]) / sl, (c2 - c1) / sc, dh_term / sh);
        (dl * dl + dc * dc + dh * dh + rt * dc * dh).sqrt()
    }

    /// As seen with no cones of one sort, for linear RGB. G. Machado, M. Oliveira,
    /// L. Fernandes, "A physiologically-based model for simulation of color vision
    /// deficiency", IEEE TVCG 15(6), 2009, severity 1.
    const BLINDNESSES: [[[f64; 3]; 3]; 3] = [
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    ];

    #[test]
    fn the_colour_difference_is_that_of_its_paper() {
        // Pairs 1, 7 and 17 of the paper's table 1.
        let pairs = [
            ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
            ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
            ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
        ];
        for (p, q, expected) in pairs {
            assert!((ciede2000(p, q) - expected).abs() < 1e-4, "{} is not {expected}", ciede2000(p, q));
        }
    }

    #[test]
    fn categories_can_be_told_apart_and_read() {
        let white = Colour(255, 255, 255);
        for theme in 0..2 {
            let colours = COLOURS.map(|(category, light, dark)| (category, [light, dark][theme]));
            for (i, &(a, x)) in colours.iter().enumerate() {
                assert!(
                    contrast(x, white) >= 4.5,
                    "{a:?} is too light for white text: {}",
                    contrast(x, white)
                );
                for &(b, y) in &colours[..i] {
                    let seen = ciede2000(lab(rgb(x)), lab(rgb(y)));
                    assert!(seen >= 15.0, "{a:?} and {b:?} differ by {seen}");
                    for blindness in BLINDNESSES {
                        let simulate = |c| lab(times(blindness, rgb(c)).map(|v| v.clamp(0.0, 1.0)));
                        let seen = ciede2000(simulate(x), simulate(y));
                        assert!(seen >= 8.0, "{a:?} and {b:?} differ by {seen} to the colour-blind");
                    }
                }
            }
        }
    }

    #[test]
    fn text_can_be_read_on_its_ground() {
        for n in [LIGHT, DARK] {
            let pairs = [(n.text, n.background), (n.muted, n.background), (n.row, n.body), (n.text, n.plain)];
            for (text, ground) in pairs.into_iter().chain([(n.text, n.terminal), (n.alarm, n.background)]) {
                assert!(contrast(text, ground) >= 4.5, "{text} on {ground}: {}", contrast(text, ground));
            }
        }
    }

    #[test]
    fn the_scale_goes_up_in_equal_steps_and_can_be_read() {
        let white = Colour(255, 255, 255);
        let lightness = HEAT.map(|colour| lab(rgb(colour))[0]);
        for pair in lightness.windows(2) {
            let step = pair[1] - pair[0];
            assert!((4.0..=9.5).contains(&step), "a step of {step}");
        }
        for (i, &colour) in HEAT.iter().enumerate() {
            let text = if i < DARK_TEXT_FROM { white } else { Colour(0, 0, 0) };
            assert!(contrast(text, colour) >= 4.5, "step {i}: {}", contrast(text, colour));
        }
    }
}
