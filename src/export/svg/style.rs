//! The style sheet of an SVG: literal light colours first, dark ones where the
//! page is dark, and last a hook for pages that set colours of their own.
//!
//! resvg and librsvg read the literal rules and skip the others.

use crate::diagram::measure::{ASIDE_FONT, HEADER_FONT, HEADING_FONT, LABEL_FONT, ROW_FONT, STRIP_FONT};
use crate::diagram::theme::{COLOURS, DARK, HEAT, LIGHT, Neutrals, Theme};
use crate::diagram::{NodeBox, WireKind};
use crate::export::number::number;
use crate::picture::{Form, Picture, Role};

/// What few pictures have, so that the others need no rules for it.
pub(super) struct Extras {
    heading: bool,
    strips: bool,
    badges: bool,
    heat: bool,
    changes: bool,
    bypass: bool,
}

impl Extras {
    pub(super) fn of(picture: &Picture<'_>) -> Self {
        let on_boxes = |has: fn(&NodeBox) -> bool| picture.boxes.iter().any(|b| has(b.node));
        let on_page = |is: fn(&Form) -> bool| picture.marks.iter().any(|m| is(&m.form));
        Extras {
            heading: picture.texts.iter().any(|text| text.role == Role::Heading),
            strips: on_boxes(|b| !b.strips.is_empty()),
            badges: on_boxes(|b| b.badge.is_some()) || on_page(|form| matches!(form, Form::Badge(..))),
            heat: on_boxes(|b| b.heat.is_some()),
            changes: on_boxes(|b| b.change.is_some()) || on_page(|form| matches!(form, Form::Change(_))),
            bypass: picture.lines.iter().any(|line| line.route.wire_kind == WireKind::Bypass),
        }
    }

    fn rules(&self) -> String {
        let mut css = String::new();
        if self.heading {
            css += &format!(".j{{font-size:{}px;font-weight:bold}}", number(HEADING_FONT));
        }
        if self.strips {
            css += &format!(".x{{font-size:{}px}}", number(STRIP_FONT));
        }
        if self.badges {
            css += ".g{fill:#fff}.g2{fill:none;stroke:#fff;stroke-width:1.5}.g1{stroke-width:.8}";
        }
        if self.heat {
            css += ".z{fill:#000}.gz{stroke:#000}";
            for (i, colour) in HEAT.iter().enumerate() {
                css += &format!(".v{i}{{fill:{colour}}}");
            }
        }
        if self.changes {
            css += ".va,.vc,.vr{fill:none;stroke-width:2.5}.vr{stroke-dasharray:5 3}";
        }
        if self.bypass {
            css += ".y{stroke-dasharray:1 3;stroke-width:1.5}";
        }
        css
    }

    fn colours(&self, n: &Neutrals) -> String {
        let mut css = String::new();
        if self.heading {
            css += &format!(".j{{fill:{}}}", n.text);
        }
        if self.changes {
            let (a, c, r) = (n.added, n.changed, n.alarm);
            css += &format!(".va{{stroke:{a}}}.vc{{stroke:{c}}}.vr{{stroke:{r}}}");
        }
        if self.badges {
            css += &format!(".gn{{stroke:{}}}", n.line);
        }
        css
    }
}

/// The rules for the picture with this id.
pub(super) fn css(id: &str, theme: Theme, extras: &Extras) -> String {
    let scope = |rules: &str| scoped(id, rules);
    let colours = |n: &Neutrals, dark: bool| colours(n, dark) + &extras.colours(n);
    let mut css = scope(&(shapes() + &extras.rules()));
    match theme {
        Theme::Light => css += &scope(&colours(&LIGHT, false)),
        Theme::Dark => css += &scope(&colours(&DARK, true)),
        Theme::Auto => {
            css += &scope(&colours(&LIGHT, false));
            css += &format!("@media(prefers-color-scheme:dark){{{}}}", scope(&colours(&DARK, true)));
            css += &hooks(id);
        }
    }
    css
}

/// Puts the picture's id before each selector of `rules`.
fn scoped(id: &str, rules: &str) -> String {
    let mut out = String::new();
    for rule in rules.split_inclusive('}') {
        let (selectors, body) = rule.split_once('{').unwrap_or((rule, ""));
        let selectors: Vec<String> = selectors.split(',').map(|s| format!("#{id} {s}")).collect();
        out += &format!("{}{{{body}", selectors.join(","));
    }
    out
}

/// What is the same in every theme.
fn shapes() -> String {
    let [header, aside, row, label] = [HEADER_FONT, ASIDE_FONT, ROW_FONT, LABEL_FONT].map(number);
    format!(
        "text{{font-family:Arial,Helvetica,\"Liberation Sans\",Arimo,sans-serif}}\
         .h,.i{{font-size:{header}px;font-weight:bold}}.h,.m{{fill:#fff}}.m{{fill-opacity:.85}}\
         .m,.o{{font-size:{aside}px;text-anchor:end}}.r{{font-size:{row}px}}.l{{font-size:{label}px}}\
         .s{{font-weight:bold}}.c,.p,.w{{text-anchor:middle}}.e{{fill:none}}.d,.u{{stroke-dasharray:4 3}}"
    )
}

fn colours(n: &Neutrals, dark: bool) -> String {
    let mut css = format!(
        ".bg{{fill:{}}}.i,.p{{fill:{}}}.l,.o,.q{{fill:{}}}.r{{fill:{}}}.e{{stroke:{}}}.a{{fill:{}}}\
         .b{{fill:{};stroke:{}}}.n{{fill:{};stroke:{}}}.t{{fill:{};stroke:{}}}.f{{fill:{};stroke:{}}}\
         .w{{fill:{}}}.u{{stroke:{}}}",
        n.background,
        n.text,
        n.muted,
        n.row,
        n.line,
        n.line,
        n.body,
        n.border,
        n.plain,
        n.plain_border,
        n.terminal,
        n.terminal_border,
        n.frame,
        n.frame_border,
        n.alarm,
        n.alarm,
    );
    for (i, (_, light, for_dark)) in COLOURS.iter().enumerate() {
        css += &format!(".k{i}{{fill:{}}}", if dark { for_dark } else { light });
    }
    css
}

/// Lets a page that the picture is inlined in set `--modelgram-background`,
/// `-text`, `-muted` and `-line`.
fn hooks(id: &str) -> String {
    let defaults = |n: &Neutrals| {
        format!(
            "#{id}{{--b:var(--modelgram-background,{});--t:var(--modelgram-text,{});\
             --m:var(--modelgram-muted,{});--l:var(--modelgram-line,{})}}",
            n.background, n.text, n.muted, n.line
        )
    };
    format!(
        "@supports(color:var(--x)){{{}@media(prefers-color-scheme:dark){{{}}}{}}}",
        defaults(&LIGHT),
        defaults(&DARK),
        scoped(
            id,
            ".bg{fill:var(--b)}.i,.p{fill:var(--t)}.l,.o,.q{fill:var(--m)}.e{stroke:var(--l)}.a{fill:var(--l)}"
        )
    )
}
