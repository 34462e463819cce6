//! The files that are written: what is in them, and what never is.

mod common;

use std::collections::HashSet;

use common::geometry::check;
use common::golden::assert_golden;
use common::models::{all, at, open};
use modelgram::draw::{DrawOptions, ImageSize, Output, draw};
use modelgram::formats;
use modelgram::model::Model;
use modelgram::stages::diagram::theme::Theme;
use modelgram::stages::diagram::{Diagram, DiagramOptions, Direction, build};
use modelgram::stages::layout::layered;
use modelgram::stages::view::whole;

/// The usual options, but for a change.
fn options(change: impl FnOnce(&mut DrawOptions)) -> DrawOptions {
    let mut options = DrawOptions::default();
    change(&mut options);
    options
}

fn written(model: &Model, options: &DrawOptions) -> String {
    String::from_utf8(draw(model, options).expect("it is drawn").bytes).expect("text is UTF-8")
}

fn svg(model: &Model, theme: Theme) -> String {
    written(model, &options(|o| o.theme = theme))
}

fn diagram(model: &Model, options: &DiagramOptions) -> Diagram {
    build(&whole(model, &model.graph), None, options)
}

#[test]
fn every_model_is_drawn_without_a_flaw() {
    for path in all() {
        let model = formats::open(&path).unwrap();
        for direction in [Direction::TopBottom, Direction::LeftRight] {
            let options =
                with!(DiagramOptions { direction, show_layer_names: true, ..DiagramOptions::default() });
            let diagram = diagram(&model, &options);
            let layout = layered(&diagram, &DrawOptions::default().layout);
            check(&diagram, &layout, &path.display().to_string());
        }
    }
}

#[test]
fn every_svg_is_sound_and_refers_to_nothing() {
    for path in all() {
        let model = formats::open(&path).unwrap();
        for theme in [Theme::Auto, Theme::Dark] {
            let text = svg(&model, theme);
            let document =
                roxmltree::Document::parse(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let root = document.root_element();
            assert_eq!(root.attribute("role"), Some("img"));
            let id = root.attribute("id").expect("an id");
            for node in document.descendants().filter(|n| n.is_element()) {
                let name = node.tag_name().name();
                let known =
                    ["svg", "title", "desc", "metadata", "style", "rect", "path", "text", "tspan", "g"];
                assert!(known.contains(&name), "{}: <{name}>", path.display());
                for attribute in node.attributes() {
                    let (key, value) = (attribute.name(), attribute.value());
                    assert!(!key.starts_with("on") && !key.contains("href") && key != "style", "{key}");
                    assert!(
                        !value.to_lowercase().contains("javascript:") && !value.contains("url("),
                        "{value}"
                    );
                    assert!(key != "id" || value.starts_with(id), "the id {value} could clash");
                }
            }
        }
    }
}

#[test]
fn rules_hold_for_their_own_picture_only() {
    let text = svg(&open("models/digits.onnx"), Theme::Auto);
    let document = roxmltree::Document::parse(&text).unwrap();
    let id = document.root_element().attribute("id").unwrap();
    let style = document.descendants().find(|n| n.has_tag_name("style")).unwrap().text().unwrap();
    for rule in style.split('}').map(|r| r.rsplit_once('{').unwrap_or((r, "")).0.rsplit('{').next().unwrap())
    {
        for selector in rule.split(',').filter(|s| !s.is_empty() && !s.starts_with('@')) {
            assert!(selector.starts_with(&format!("#{id}")), "`{selector}` would hold for the whole page");
        }
    }
    let (before, after) = style.split_once("@supports").expect("a hook for pages");
    assert!(!before.contains("var("), "resvg and librsvg do not know var()");
    assert!(after.contains("--modelgram-background"));
    let other = svg(&open("models/squeezenet.onnx"), Theme::Auto);
    assert!(!other.contains(&format!("\"{id}")), "two pictures share an id");
}

#[test]
fn hostile_names_come_out_inert() {
    let model = open("fixtures/onnx/hostile-names.onnx");
    for output in [Output::Svg, Output::Dot, Output::Json] {
        let mut options = options(|o| o.output = output);
        options.diagram.show_layer_names = true;
        let text = written(&model, &options);
        // In DOT a quoted string is plain text, and a label=<…> is HTML.
        let html = text.lines().filter(|line| output == Output::Svg || line.contains("label=<"));
        let alive = html.filter(|line| line.contains("<script")).count();
        assert_eq!(alive, 0, "{output:?}");
        let controls = text.chars().find(|&c| c != '\n' && !modelgram::stages::is_inert(c));
        assert!(output == Output::Json || controls.is_none(), "{output:?} has {controls:?}");
    }
}

#[test]
fn every_text_of_a_box_stays_inside_it() {
    use modelgram::stages::diagram::font::{Weight, width};
    use modelgram::stages::diagram::measure::{ASIDE_FONT, HEADER_FONT, ROW_FONT};
    for path in all() {
        let model = formats::open(&path).unwrap();
        for b in diagram(&model, &DiagramOptions::default()).boxes {
            let rows = b.rows.iter().map(|r| {
                width(&r.label, ROW_FONT, Weight::Bold)
                    + width(&format!(" {}", r.value), ROW_FONT, Weight::Regular)
            });
            let widest = rows.fold(0.0, f64::max);
            assert!(
                widest <= b.size.width + 0.01,
                "{}: a row of `{}` is {widest} wide",
                path.display(),
                b.name
            );
            let card = !b.header.is_empty()
                && !matches!(
                    b.outline,
                    modelgram::stages::diagram::Outline::Terminal
                        | modelgram::stages::diagram::Outline::Undefined
                );
            let header =
                width(&b.header, HEADER_FONT, Weight::Bold) + width(&b.aside, ASIDE_FONT, Weight::Regular);
            assert!(!card || header <= b.size.width, "{}: the header of `{}`", path.display(), b.name);
        }
    }
}

#[test]
fn a_picture_takes_about_five_hundred_bytes_a_box() {
    for name in ["resnet50_dy", "googlenet_ts", "vit_b_16_ts"] {
        let model = open(&format!("fixtures/onnx/real/{name}.onnx"));
        let boxes = diagram(&model, &DiagramOptions::default()).boxes.len();
        let bytes = svg(&model, Theme::Auto).len();
        assert!(bytes / boxes < 500, "{name}: {bytes} bytes for {boxes} boxes");
    }
}

#[test]
fn weights_do_not_change_a_picture() {
    let path = at("models/digits.onnx");
    let mut bytes = std::fs::read(&path).unwrap();
    let model = formats::open(&path).unwrap();
    let spans = model.graph.constants().filter(|(_, _, t)| t.elements().is_some_and(|n| n > 500));
    let mut changed = 0;
    for (_, _, tensor) in spans {
        if let modelgram::model::TensorData::In(span) = tensor.data {
            bytes[span.start as usize..span.end() as usize].reverse();
            changed += 1;
        }
    }
    assert!(changed > 0);
    let trained = formats::read(&path.display().to_string(), bytes.into()).unwrap();
    assert_eq!(svg(&model, Theme::Auto), svg(&trained, Theme::Auto));
}

#[test]
fn the_json_has_the_keys_that_scripts_rely_on() {
    let options = options(|o| o.output = Output::Json);
    let page: serde_json::Value =
        serde_json::from_str(&written(&open("models/bert.onnx"), &options)).unwrap();
    let keys = |v: &serde_json::Value| v.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&page), ["version", "width", "height", "nodes", "edges", "frames"]);
    let node = ["id", "key", "name", "op", "x", "y", "width", "height", "frame", "members", "represents"];
    assert_eq!(keys(&page["nodes"][0]), node);
    assert_eq!(keys(&page["nodes"][0]["members"][0]), ["index", "name"]);
    let frame = ["id", "key", "path", "parent", "title", "x", "y", "width", "height", "times"];
    assert_eq!(keys(&page["frames"][0]), frame);
    assert_eq!(keys(&page["edges"][0]), ["source", "target", "value", "kind", "points", "label", "labelBox"]);
    let ids: HashSet<&str> =
        page["nodes"].as_array().unwrap().iter().map(|n| n["id"].as_str().unwrap()).collect();
    for edge in page["edges"].as_array().unwrap() {
        assert!(ids.contains(edge["source"].as_str().unwrap()));
        assert!(edge["target"].is_null() || ids.contains(edge["target"].as_str().unwrap()));
        let kind = edge["kind"].as_str().unwrap();
        assert!(["plain", "control", "trunk", "tap", "connector"].contains(&kind));
    }
}

#[test]
fn the_dot_file_has_every_box_and_wire() {
    let model = open("models/squeezenet.onnx");
    let text = written(&model, &options(|o| o.output = Output::Dot));
    let diagram = diagram(&model, &DiagramOptions::default());
    assert_eq!(text.matches(" [label=<").count(), diagram.boxes.len());
    assert_eq!(text.matches(" -> ").count(), diagram.wires.len());
}

#[cfg(feature = "png")]
#[test]
fn a_png_has_the_pictures_size_times_the_scale() {
    let model = open("models/digits.onnx");
    let size = |scale: f64| {
        let options = options(|o| {
            o.output = Output::Png;
            o.size = ImageSize::Scale(scale);
        });
        let bytes = draw(&model, &options).unwrap().bytes;
        assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        (number(16), number(20))
    };
    let (width, height) = size(1.0);
    assert_eq!(size(2.0), (2 * width, 2 * height));
    let options = options(|o| {
        o.output = Output::Png;
        o.size = ImageSize::Scale(1000.0);
    });
    let error = draw(&model, &options).unwrap_err().to_string();
    assert!(error.contains("more than can be painted") && error.contains("a scale of"), "{error}");
}

#[cfg(feature = "png")]
#[test]
fn a_png_can_have_a_width_and_a_ground_of_its_own() {
    let model = open("models/digits.onnx");
    let options = options(|o| {
        o.output = Output::Png;
        o.size = ImageSize::Width(777);
    });
    let image = |options: &DrawOptions| {
        let bytes = draw(&model, options).unwrap().bytes;
        resvg::tiny_skia::Pixmap::decode_png(&bytes).unwrap()
    };
    let white = image(&options);
    assert_eq!(white.width(), 777);
    let corner = |image: &resvg::tiny_skia::Pixmap| {
        let pixel = image.pixel(0, 0).unwrap();
        [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]
    };
    assert_eq!(corner(&white), [255, 255, 255, 255]);
    for (ground, expected) in
        [("transparent", [0, 0, 0, 0]), ("#f00", [255, 0, 0, 255]), ("#102030", [16, 32, 48, 255])]
    {
        let background = Some(ground.parse().unwrap());
        assert_eq!(
            corner(&image(&{
                let mut o = options.clone();
                o.background = background;
                o
            })),
            expected,
            "{ground}"
        );
    }
    assert!("#12".parse::<modelgram::stages::diagram::theme::Background>().is_err());
}

#[cfg(feature = "pdf")]
#[test]
fn a_pdf_has_the_pages_that_were_asked_for_and_the_same_bytes_each_time() {
    use modelgram::draw::{Pages, Paper};
    let model = open("models/bert.onnx");
    let pdf = |pages: Pages| {
        let options = options(|o| {
            o.output = Output::Pdf;
            o.pages = pages;
        });
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let (model, options) = (model.clone(), options.clone());
                std::thread::spawn(move || draw(&model, &options).unwrap().bytes)
            })
            .collect();
        let mut made = threads.into_iter().map(|thread| thread.join().unwrap());
        let (first, second) = (made.next().unwrap(), made.next().unwrap());
        assert_eq!(first, second, "another thread, the same bytes");
        String::from_utf8_lossy(&first).into_owned()
    };
    let count = |text: &str| text.matches("/Type /Page\n").count() + text.matches("/Type/Page/").count();
    let own = pdf(Pages::Own);
    assert!(own.starts_with("%PDF-1.") && own.trim_end().ends_with("%%EOF"));
    assert!(own.contains("LiberationSans"), "text stays text");
    assert_eq!(count(&own), 1);
    assert_eq!(count(&pdf(Pages::Fitted(Paper::A4))), 1);
    assert!(count(&pdf(Pages::Tiled(Paper::A4))) > 1);
}

/// Golden pictures, reviewed like code: `UPDATE=1 cargo test` rewrites them.
#[test]
fn small_models_look_as_they_did() {
    for name in ["models/digits", "fixtures/onnx/control-flow", "fixtures/broken/undefined-input"] {
        let made = svg(&open(&format!("{name}.onnx")), Theme::Auto);
        let stem = name.rsplit('/').next().unwrap();
        assert_golden(&format!("tests/golden/{stem}.svg"), &made);
    }
}
