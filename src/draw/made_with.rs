//! The line in a picture that says how it was made.

use super::options::{DrawOptions, Engine};
use crate::diagram::Style;
use crate::diagram::theme::Background;
use crate::layout::{Columns, Splines};

/// The options that change a picture, as one line: as they were asked for, in words that
/// stay the same, since pictures are compared by them.
pub(super) fn made_with(options: &DrawOptions) -> String {
    let mut words = vec![format!("theme={}", options.theme.word())];
    add_diagram_words(&mut words, options);
    add_layout_words(&mut words, options);
    add_part_words(&mut words, options);
    match &options.groups {
        None => words.push("group=off".into()),
        Some(groups) => {
            words.push(format!("max={} fold={}", groups.max_nodes, groups.fold_min));
            words.extend(groups.depth.map(|n| format!("depth={n}")));
            words.extend(groups.expand.iter().map(|r| format!("expand={r}")));
            words.extend(groups.collapse.iter().map(|r| format!("collapse={r}")));
        }
    }
    words.extend(options.view.renames.iter().map(|r| format!("rename={r}")));
    words.join(" ")
}

fn add_diagram_words(words: &mut Vec<String>, options: &DrawOptions) {
    let diagram = &options.diagram;
    words.push(format!("rankdir={}", diagram.direction));
    words.push(format!("shapes={}", diagram.show_shapes));
    words.push(format!("dtype={}", diagram.show_dtype));
    words.push(format!("names={}", diagram.show_layer_names));
    let flags = [
        ("macs", diagram.show_macs),
        ("trainable", diagram.show_trainable),
        ("legend", diagram.legend),
        ("footer", diagram.footer),
    ];
    words.extend(flags.iter().filter(|(_, on)| *on).map(|(name, _)| format!("{name}=true")));
    if diagram.style != Style::default() {
        words.push(format!("style={}", diagram.style.word()));
    }
    if !diagram.show_layer_activations {
        words.push("activations=false".into());
    }
    words.extend(diagram.title.as_ref().map(|title| format!("title={title:?}")));
    words.extend(diagram.overlay.as_ref().map(|overlay| format!("overlay={:?}", overlay.title)));
    words.extend(options.background.map(|ground| match ground {
        Background::Transparent => "background=transparent".to_owned(),
        Background::Colour(colour) => format!("background={colour}"),
    }));
    words.extend(options.view.hide.iter().map(|what| format!("hide={what}")));
    words.extend(diagram.max_const_size.map(|n| format!("const={n}")));
    words.push(format!("hubs={}", diagram.hubs.is_some()));
}

fn add_layout_words(words: &mut Vec<String>, options: &DrawOptions) {
    if options.engine != Engine::default() {
        words.push(format!("engine={}", options.engine.word()));
    }
    // Written with a capital letter since there are such pictures.
    words.extend(match options.layout.splines {
        Splines::Curved => None,
        Splines::Polyline => Some("splines=Polyline".to_owned()),
        Splines::Ortho => Some("splines=Ortho".to_owned()),
    });
    words.extend(match options.layout.columns {
        Columns::One => None,
        Columns::Page => Some("columns=page".to_owned()),
        Columns::Count(n) => Some(format!("columns={n}")),
        Columns::Aspect(ratio) => Some(format!("aspect={ratio}")),
    });
}

fn add_part_words(words: &mut Vec<String>, options: &DrawOptions) {
    let part = &options.view.part;
    for (name, list) in [("focus", &part.focus), ("from", &part.from), ("to", &part.to)] {
        words.extend(list.iter().map(|r| format!("{name}={r}")));
    }
    words.extend(part.range.as_ref().map(|(first, last)| format!("range={first}..{last}")));
    if !part.focus.is_empty() {
        words.push(format!("hops={}", part.hops));
    }
}
