//! The program as users call it: arguments in, files, text and exit codes out.
#![cfg(feature = "cli")]

mod common;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use common::models::at;
use common::program::run as modelgram;

fn digits() -> String {
    at("models/digits.onnx").display().to_string()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_main_job_writes_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let out = modelgram(folder.path(), &[&digits(), "-o", "digits.svg"]);
    assert!(out.status.success() && out.stdout.is_empty() && out.stderr.is_empty(), "{}", text(&out.stderr));
    let svg = std::fs::read_to_string(folder.path().join("digits.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing else is left behind");
}

#[test]
fn a_pipe_gets_svg_and_stdin_is_read() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_modelgram"))
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&std::fs::read(digits()).unwrap()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success() && text(&out.stdout).starts_with("<svg"));
}

#[test]
fn the_type_follows_the_option_then_the_extension() {
    let folder = tempfile::tempdir().unwrap();
    for (args, begins) in [
        (vec!["-o", "a.dot"], "digraph"),
        (vec!["-o", "a.gv"], "digraph"),
        (vec!["-o", "a.json"], "{\"version\""),
        (vec!["-o", "a.txt", "-T", "svg"], "<svg"),
    ] {
        let mut all = vec![digits()];
        all.extend(args.iter().map(|a| (*a).to_owned()));
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let out = modelgram(folder.path(), &all);
        assert!(out.status.success(), "{}", text(&out.stderr));
        assert!(std::fs::read_to_string(folder.path().join(args[1])).unwrap().starts_with(begins));
    }
    let out = modelgram(folder.path(), &[&digits(), "-o", "a.bmp"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).starts_with("error: `.bmp` is not a supported output type\n  hint: "));
}

#[test]
fn beside_each_model() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.onnx", "b.onnx"] {
        std::fs::copy(digits(), folder.path().join(name)).unwrap();
    }
    assert!(modelgram(folder.path(), &["-O", "a.onnx", "b.onnx"]).status.success());
    assert!(folder.path().join("a.onnx.svg").exists() && folder.path().join("b.onnx.svg").exists());
    let out = modelgram(folder.path(), &["a.onnx", "b.onnx", "-o", "c.svg"]);
    assert_eq!(out.status.code(), Some(2));
}

#[test]
fn the_model_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("m.onnx");
    std::fs::copy(digits(), &model).unwrap();
    let before = std::fs::read(&model).unwrap();
    let out = modelgram(folder.path(), &["m.onnx", "-o", "./m.onnx", "-T", "svg"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("this is the model itself"));
    assert_eq!(std::fs::read(&model).unwrap(), before);
}

#[test]
fn what_cannot_be_done_is_an_error_with_place_and_way_out() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(digits(), folder.path().join("resnet.onnx")).unwrap();
    let out = modelgram(folder.path(), &["resnt.onnx", "-o", "x.svg"]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(text(&out.stderr), "error: resnt.onnx: no such file\n  hint: did you mean `resnet.onnx`?\n");
    let out = modelgram(folder.path(), &["resnet.onnx", "-o", "no/such/x.svg"]);
    assert!(text(&out.stderr).contains("no/such/x.svg: the folder does not exist"), "{}", text(&out.stderr));
    let out = modelgram(folder.path(), &["resnet.onnx", "-o", "x.svg", "--rename", "s/(/x/"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(!folder.path().join("x.svg").exists());
}

#[test]
fn findings_go_to_standard_error_and_change_no_code() {
    let folder = tempfile::tempdir().unwrap();
    let broken = at("fixtures/broken/undefined-input.onnx").display().to_string();
    let out = modelgram(folder.path(), &[&broken, "-o", "x.svg"]);
    assert!(out.status.success());
    assert!(text(&out.stderr).starts_with("error[S003]: "), "{}", text(&out.stderr));
}

#[test]
fn info_has_stable_keys() {
    let out = modelgram(Path::new("."), &["info", &digits(), "--json", "--values"]);
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let keys = [
        "format",
        "producer",
        "ir_version",
        "opsets",
        "inputs",
        "outputs",
        "values",
        "ops",
        "nodes",
        "parameters",
        "weight_bytes",
        "weight_bytes_by_dtype",
        "macs",
        "flops",
        "activation_bytes",
        "external",
        "findings",
    ];
    assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), keys);
    assert_eq!(json["parameters"], 19578);
    assert_eq!(json["ops"]["Conv"], 2);
    let input =
        serde_json::json!({"name": "image", "dtype": "f32", "shape": ["unk__40", 8, 8, 1], "source": "file"});
    assert_eq!(json["inputs"][0], input);
    let out = text(&modelgram(Path::new("."), &["info", &digits()]).stdout);
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    assert!(out.contains("parameters   19578 (19.6 k)"));
}

#[test]
fn options_change_what_they_say() {
    let folder = tempfile::tempdir().unwrap();
    let draw = |more: &[&str]| {
        let digits = digits();
        let args: Vec<&str> = [digits.as_str()].into_iter().chain(more.iter().copied()).collect();
        let out = modelgram(folder.path(), &args);
        assert!(out.status.success(), "{more:?}: {}", text(&out.stderr));
        text(&out.stdout)
    };
    assert!(draw(&[]).contains("unk__40×8×8×1"));
    assert!(!draw(&["--no-show-shapes"]).contains("unk__40×8×8×1"));
    assert!(draw(&["--max-const-size", "8"]).contains("&lt;stripped"));
    assert!(!draw(&["--theme", "dark"]).contains("prefers-color-scheme"));
    assert!(draw(&["--show-layer-names", "--rename", "s/^.*conv2d.*/renamed/"]).contains("renamed"));
    let forks = at("models/squeezenet.onnx").display().to_string();
    let lines = |form: &str| {
        let svg = text(&modelgram(folder.path(), &[&forks, "--splines", form, "--columns", "1"]).stdout);
        let paths = svg.split(" d=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        paths.filter(|d| d.contains('M') && d.contains('C') || d.contains('c')).count()
    };
    assert_eq!(lines("polyline"), 0);
    assert!(lines("curved") > 0 && lines("ortho") > 0);
    let wide = draw(&["--rankdir", "LR"]);
    let size = |svg: &str, key: &str| -> f64 {
        svg.split(&format!(" {key}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
    };
    assert!(size(&wide, "width") > size(&wide, "height"));
}

#[cfg(feature = "layout-rs")]
#[test]
fn a_second_engine_places_small_pictures_and_refuses_large_ones() {
    let folder = tempfile::tempdir().unwrap();
    let out = modelgram(folder.path(), &[&digits(), "--engine", "layout-rs", "-T", "json"]);
    let page: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((page["nodes"].as_array().unwrap().len(), page["edges"].as_array().unwrap().len()), (22, 22));
    let bert = at("models/bert.onnx").display().to_string();
    let out = modelgram(folder.path(), &[&bert, "--engine", "layout-rs", "-o", "x.svg"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("takes at most 400 boxes"), "{}", text(&out.stderr));
}

#[test]
fn help_fits_a_screen_and_formats_are_listed() {
    let out = modelgram(Path::new("."), &["render", "-h"]);
    let help = text(&out.stdout);
    assert!(help.lines().count() <= 40, "{} lines", help.lines().count());
    let out = text(&modelgram(Path::new("."), &["formats"]).stdout);
    assert!(out.contains("onnx") && out.contains("svg"));
    let out = modelgram(Path::new("."), &["completions", "bash"]);
    assert!(text(&out.stdout).contains("_modelgram"));
}

/// The same bytes from other folders, with other environments and thread counts.
#[test]
fn the_same_bytes_everywhere() {
    let model = at("fixtures/onnx/real/googlenet_ts.onnx").display().to_string();
    let mut seen = std::collections::HashSet::new();
    for i in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_modelgram"));
        command.arg(&model).current_dir(folder.path());
        if i % 2 == 1 {
            command.env("LANG", "tr_TR.UTF-8").env("TZ", "Asia/Tokyo").env("COLUMNS", "20");
        }
        seen.insert(command.output().unwrap().stdout);
    }
    assert_eq!(seen.len(), 1);
}

/// The layers of a transformer have the same inner coordinates, wherever they stand.
#[test]
fn equal_layers_look_equal() {
    let bert = at("models/bert.onnx").display().to_string();
    let out = modelgram(Path::new("."), &[&bert, "-T", "json", "--group", "off"]);
    let page: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let nodes = page["nodes"].as_array().unwrap();
    let (text, number) = (
        |n: &serde_json::Value, key: &str| n[key].as_str().unwrap().to_owned(),
        |n: &serde_json::Value, key: &str| n[key].as_f64().unwrap(),
    );
    let ends: Vec<usize> = (0..nodes.len()).filter(|&i| text(&nodes[i], "op") == "Gelu").collect();
    assert_eq!(ends.len(), 12);
    let layer = |end: usize| -> Vec<(String, i64, i64)> {
        let corner = (number(&nodes[end], "x"), number(&nodes[end], "y"));
        let cents = |x: f64| (x * 100.0).round() as i64;
        nodes[end - 30..=end]
            .iter()
            .map(|n| (text(n, "op"), cents(number(n, "x") - corner.0), cents(number(n, "y") - corner.1)))
            .collect()
    };
    for &end in &ends {
        assert_eq!(layer(end), layer(ends[0]));
    }
}

#[test]
fn a_summary_folds_what_repeats_and_fits_a_terminal() {
    let bert = at("models/bert.onnx").display().to_string();
    let out = text(&modelgram(Path::new("."), &["summary", &bert]).stdout);
    assert!(out.contains("×12"), "{out}");
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    assert!(out.contains("MACs"), "{out}");
    let json = modelgram(Path::new("."), &["summary", &bert, "--json", "--depth", "1"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["layers"].as_array().unwrap().len(), 1);
    assert_eq!(json["layers"][0]["parameters"], json["total"]["parameters"]);
}

#[test]
fn lists_come_as_tables_json_and_csv() {
    let digits = digits();
    let run = |args: &[&str]| modelgram(Path::new("."), &[&["info", digits.as_str()], args].concat());
    let csv = text(&run(&["--nodes", "--csv", "--dim", "unk__40=1"]).stdout);
    let first = csv.lines().next().unwrap();
    assert_eq!(first, "node,op,output_shape,params,macs,flops,activation_bytes,weight_bytes");
    assert_eq!(csv.lines().count(), 21);
    assert!(csv.lines().any(|l| l.contains(",Conv,1×16×8×8,160,9216,")), "{csv}");
    let json: serde_json::Value =
        serde_json::from_slice(&run(&["--nodes", "--scopes", "--json"]).stdout).unwrap();
    assert_eq!(json["operators"].as_array().unwrap().len(), 20);
    assert!(!json["scopes"].as_array().unwrap().is_empty());
    assert_eq!(json["macs"], "173696*unk__40");
    let out = run(&["--csv"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("--values, --nodes and --scopes"));
}

#[test]
fn wrong_sizes_are_errors_with_a_way_out() {
    let digits = digits();
    for (args, expected) in [
        (["--dim", "batch"], "--dim takes NAME=SIZE"),
        (["--dim", "unk__40=-1"], "is not a valid size"),
        (["--input-shape", "nope=1,2"], "has no input `nope`"),
    ] {
        let out = modelgram(Path::new("."), &[&["info", digits.as_str()], &args[..]].concat());
        assert_eq!(out.status.code(), Some(2));
        assert!(text(&out.stderr).contains(expected), "{}", text(&out.stderr));
    }
}

/// The titles of the frames, and the headers of the boxes, of a default picture.
fn words(model: &str, more: &[&str]) -> (Vec<String>, usize) {
    let model = at(model).display().to_string();
    let out = modelgram(Path::new("."), &[&[model.as_str(), "-T", "json"], more].concat());
    let page: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let frames = page["frames"].as_array().unwrap().iter();
    let titles = frames.map(|f| f["title"].as_str().unwrap().to_owned()).collect();
    (titles, page["nodes"].as_array().unwrap().len())
}

#[test]
fn a_transformer_is_one_layer_drawn_once() {
    let (titles, boxes) = words("models/bert.onnx", &[]);
    assert!(titles.iter().any(|t| t.contains("layer.0 … layer.11 ×12 · BertLayer")), "{titles:?}");
    assert!(titles.iter().any(|t| t.contains("BertAttention")), "{titles:?}");
    assert!(boxes <= 90, "{boxes} boxes");
    let (flat, all) = words("models/bert.onnx", &["--group", "off"]);
    assert!(flat.is_empty() && all == 441);
    let (_, unfolded) = words("models/bert.onnx", &["--fold", "off", "--depth", "9"]);
    assert_eq!(unfolded, 441);
    let (outer, few) = words("models/bert.onnx", &["--depth", "1"]);
    assert!(few < boxes && outer.len() < titles.len());
    let (open, more) = words("models/bert.onnx", &["--depth", "1", "--expand", "**/attention"]);
    assert!(more > few && open.len() > outer.len());
    let (closed, _) = words("models/bert.onnx", &["--collapse", "**/layer.0"]);
    assert!(!closed.iter().any(|t| t.contains("layer.0")), "{closed:?}");
}

#[test]
fn stages_and_blocks_of_real_networks_are_told() {
    for (model, expected) in [
        ("densenet121_ts", &["denseblock1", "denseblock2", "denseblock3", "denseblock4"][..]),
        (
            "resnet50_dy",
            &[
                "layer1 · Sequential",
                "layer1.1 … layer1.2 ×2 · Bottleneck",
                "layer3.1 … layer3.5 ×5 · Bottleneck",
            ],
        ),
        ("vit_b_16_ts", &["encoder_layer_0 … encoder_layer_11 ×12", "self_attention", "mlp"]),
        ("googlenet_ts", &["inception3a", "inception5b"]),
    ] {
        let (titles, boxes) = words(&format!("fixtures/onnx/real/{model}.onnx"), &[]);
        for title in expected {
            assert!(titles.iter().any(|t| t == title), "{model}: `{title}` is not among {titles:?}");
        }
        assert!(boxes <= 90, "{model}: {boxes} boxes");
    }
}

#[test]
fn what_is_not_drawn_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let bert = at("models/bert.onnx").display().to_string();
    let out = modelgram(folder.path(), &[&bert, "-o", "b.svg"]);
    assert!(text(&out.stderr).contains("note: 1 run of equal blocks drawn once"), "{}", text(&out.stderr));
    let svg = std::fs::read_to_string(folder.path().join("b.svg")).unwrap();
    assert!(svg.contains("1 run of equal blocks drawn once"));
    let out = modelgram(folder.path(), &[&bert, "-o", "b.svg", "--group", "off"]);
    assert!(text(&out.stderr).is_empty(), "{}", text(&out.stderr));
}

#[test]
fn a_stale_picture_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let digits = digits();
    let check = |more: &[&str]| {
        let args = [&[digits.as_str(), "-o", "d.svg", "--check"], more].concat();
        modelgram(folder.path(), &args).status.code()
    };
    assert_eq!(check(&[]), Some(1));
    assert!(!folder.path().join("d.svg").exists());
    modelgram(folder.path(), &[&digits, "-o", "d.svg"]);
    assert_eq!(check(&[]), Some(0));
    assert_eq!(check(&["--footer"]), Some(1));
    std::fs::write(folder.path().join("d.svg"), "<svg/>").unwrap();
    assert_eq!(check(&[]), Some(1));
    assert_eq!(std::fs::read_to_string(folder.path().join("d.svg")).unwrap(), "<svg/>");
    assert_eq!(modelgram(folder.path(), &[&digits, "--check"]).status.code(), Some(2));
}

#[test]
fn a_part_can_be_drawn_alone() {
    let boxes = |more: &[&str]| words("models/squeezenet.onnx", more).1;
    let all = boxes(&[]);
    let fire = boxes(&["--focus", "features/features.3", "--hops", "0"]);
    let around = boxes(&["--focus", "features/features.3", "--hops", "1"]);
    assert!(fire >= 6 && fire < around && around < all, "{fire}, {around}, {all}");
    let after = boxes(&["--from", "features/features.10"]);
    let between = boxes(&["--from", "features/features.10", "--to", "features/features.11"]);
    assert!(between < after && after < all, "{between}, {after}, {all}");
    let folder = tempfile::tempdir().unwrap();
    let model = at("models/squeezenet.onnx").display().to_string();
    let out = modelgram(folder.path(), &[&model, "-o", "x.svg", "--focus", "nope*"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("no node and no scope is named `nope*`"), "{}", text(&out.stderr));
    assert!(!folder.path().join("x.svg").exists());
    let out = modelgram(folder.path(), &[&model, "-o", "x.svg", "--focus", "features/features.3"]);
    assert!(text(&out.stderr).contains("nodes left out"), "{}", text(&out.stderr));
}

#[test]
fn a_slip_in_what_to_hide_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let draw = |what: &str| modelgram(folder.path(), &[&digits(), "--hide", what, "-o", "x.svg"]);
    let out = draw("Castt");
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("there is no operator `Castt`"), "{}", text(&out.stderr));
    assert!(!folder.path().join("x.svg").exists());
    // What the model does not have, and others do, is fine.
    assert!(draw("Dropout").status.success() && draw("Cast").status.success());
}

#[test]
fn every_format_has_the_same_bytes_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let model = at("fixtures/keras/nested.keras").display().to_string();
    for kind in ["svg", "png", "pdf", "dot", "json"] {
        let run = |threads: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_modelgram"));
            command.args([&model, "-T", kind, "-o", "-"]).env("RAYON_NUM_THREADS", threads);
            let out = command.current_dir(folder.path()).output().unwrap();
            assert!(out.status.success(), "{}", text(&out.stderr));
            out.stdout
        };
        assert_eq!(run("1"), run("4"), "{kind}");
    }
}
