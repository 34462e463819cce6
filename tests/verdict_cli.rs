//! Findings of fresh cases: robustness, words and exit codes. Each test has the number of its
//! finding.
#![cfg(feature = "cli")]

mod common;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::bytes::{attribute, floats, model, node, property, value};
use common::models::at;
use common::program::{run, stderr, stdout};

/// A folder with models.
fn folder(models: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in models {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let mut names: Vec<String> = entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn code(out: &Output) -> i32 {
    out.status.code().unwrap_or_else(|| panic!("{}: {}", out.status, stderr(out)))
}

/// Runs it with a model on standard input.
fn run_with(folder: &Path, args: &[&str], input: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelgram"));
    command.args(args).current_dir(folder).stdin(Stdio::from(std::fs::File::open(input).unwrap()));
    command.output().expect("it runs")
}

/// What a rule finds.
fn found(path: &Path, rule: &str) -> Vec<String> {
    let model = modelgram::open(path).unwrap();
    let found = modelgram::rules::check(&modelgram::rules::Subject::new(&model));
    found.into_iter().filter(|f| f.rule == rule).map(|f| f.to_string()).collect()
}

/// The code of an edit that could be made, where there is an engine and where there is none.
fn done() -> i32 {
    if cfg!(feature = "infer") { 0 } else { 4 }
}

/// `y = add(x, w)`, with weights of these numbers.
fn sum(weights: &[f32], more: &[Vec<u8>]) -> Vec<u8> {
    let n = weights.len();
    let graph = [
        value(11, "x", &["batch", &n.to_string()]),
        node("Add", "add", &["x", "w"], &["y"], &[]),
        floats("w", &[n as u64], weights),
        value(12, "y", &["batch", &n.to_string()]),
    ];
    model(&graph, more)
}

/// A softmax with these attributes.
fn softmax(axes: &[u64]) -> Vec<u8> {
    let axes: Vec<Vec<u8>> = axes.iter().map(|&axis| attribute("axis", axis)).collect();
    let graph = [
        value(11, "x", &["2", "3"]),
        node("Softmax", "p", &["x"], &["y"], &axes),
        value(12, "y", &["2", "3"]),
    ];
    model(&graph, &[])
}

#[test]
fn finding_09_an_attribute_that_is_given_twice_is_an_error() {
    let folder = folder(&[("once.onnx", softmax(&[1])), ("twice.onnx", softmax(&[1, 0]))]);
    let error = "error[S017]: node `p`: `Softmax` is given the attribute `axis` twice";
    assert_eq!(found(&folder.path().join("twice.onnx"), "S017"), [error]);
    assert!(found(&folder.path().join("once.onnx"), "S017").is_empty());
    let out = run(folder.path(), &["diff", "once.onnx", "twice.onnx"]);
    assert_eq!(code(&out), 1, "{}", stdout(&out));
    assert!(stdout(&out).contains("~ Softmax `p`: axis 0, given again, is new"), "{}", stdout(&out));
    let out = run(folder.path(), &["diff", "twice.onnx", "once.onnx"]);
    assert!(stdout(&out).contains("~ Softmax `p`: axis, given again, is gone"), "{}", stdout(&out));
    if cfg!(feature = "infer") {
        let out = run(folder.path(), &["validate", "twice.onnx", "--against", "once.onnx", "--same"]);
        assert_eq!(code(&out), 1, "{}", stdout(&out));
        assert!(
            stdout(&out).contains("backbone    FAILS") && stdout(&out).contains("S017"),
            "{}",
            stdout(&out)
        );
        assert_eq!(code(&run(folder.path(), &["run", "twice.onnx"])), 4);
    }
}

#[test]
fn finding_10_edits_of_standard_input_never_touch_a_file_of_its_name() {
    let folder = folder(&[("-", softmax(&[1]))]);
    let digits = at("models/digits.onnx");
    let edits: [&[&str]; 3] =
        [&["head", "-", "--classes", "12"], &["rename", "-", "s/conv/c/"], &["strip", "-"]];
    for edit in edits {
        let out = run_with(folder.path(), &[edit, &["--in-place"]].concat(), &digits);
        assert_eq!(code(&out), 2, "{edit:?}: {}", stderr(&out));
        assert!(
            stderr(&out).contains("standard input cannot be changed in place\n  hint: -o FILE"),
            "{}",
            stderr(&out)
        );
        let out = run_with(folder.path(), &[edit, &["-o", "-"]].concat(), &digits);
        assert_eq!(code(&out), 2, "{edit:?}: {}", stderr(&out));
        assert_eq!(std::fs::read(folder.path().join("-")).unwrap(), softmax(&[1]), "{edit:?}");
        let out = run_with(folder.path(), &[edit, &["-o", "new.onnx"]].concat(), &digits);
        let expected = if edit[0] == "strip" { 0 } else { done() };
        assert_eq!(code(&out), expected, "{edit:?}: {}", stderr(&out));
        assert!(!stderr(&out).contains("FAILS"), "{}", stderr(&out));
        std::fs::remove_file(folder.path().join("new.onnx")).unwrap();
    }
    assert_eq!(files(folder.path()), ["-"]);
    let out = run_with(folder.path(), &["diff", "-", "-"], &digits);
    assert!(stderr(&out).contains("standard input holds one model and not two"), "{}", stderr(&out));
}

#[cfg(feature = "infer")]
#[test]
fn finding_10_run_dash_reads_standard_input() {
    let folder = folder(&[("-", sum(&[9.0, 9.0], &[])), ("sum.onnx", sum(&[1.0, 2.0], &[]))]);
    let args = ["run", "-", "--input", "x=zeros", "--output", "y=y.npy"];
    let out = run_with(folder.path(), &args, &folder.path().join("sum.onnx"));
    assert_eq!(code(&out), 0, "{}", stderr(&out));
    let y = modelgram::formats::array(&folder.path().join("y.npy")).unwrap();
    assert_eq!(y.numbers().unwrap(), [1.0, 2.0], "these are the numbers of another model");
    std::fs::remove_file(folder.path().join("-")).unwrap();
    let out = run_with(folder.path(), &args, &folder.path().join("sum.onnx"));
    assert_eq!(code(&out), 0, "{}", stderr(&out));
    let args = ["validate", "-", "--against", "sum.onnx", "--same"];
    let out = run_with(folder.path(), &args, &folder.path().join("sum.onnx"));
    assert_eq!(code(&out), 0, "{}{}", stdout(&out), stderr(&out));
}

#[test]
fn finding_11_what_is_written_unverified_exits_with_4() {
    let graph = [
        value(11, "x", &["1", "8"]),
        node("RandomNormalLike", "own", &["x"], &["f"], &[]),
        node("MatMul", "fc", &["f", "w"], &["y"], &[]),
        floats("w", &[8, 3], &[0.5; 24]),
        value(12, "y", &["1", "3"]),
    ];
    let bytes = model(&graph, &[]);
    let folder = folder(&[("old.onnx", bytes.clone())]);
    let said = |args: &[&str]| {
        let out = run(folder.path(), &[args, &["-o", "new.onnx"]].concat());
        let text = stderr(&out);
        assert!(folder.path().join("new.onnx").exists(), "{args:?}: {text}");
        std::fs::rename(folder.path().join("new.onnx"), folder.path().join("last.onnx")).unwrap();
        (code(&out), text)
    };
    for edit in [&["rename", "old.onnx", "s/own/other/"][..], &["head", "old.onnx", "--classes", "5"]] {
        let (code, text) = said(edit);
        assert_eq!(code, 4, "{edit:?}: {text}");
        assert!(text.contains("written, and not verified"), "{edit:?}: {text}");
        // Who does not ask is not told.
        assert_eq!(said(&[edit, &["--no-validate"]].concat()).0, 0);
    }
    // Without weights nothing can run, and nothing is claimed.
    let (code, text) = said(&["strip", "old.onnx", "--no-record"]);
    assert_eq!(code, 0, "{text}");
    std::fs::rename(folder.path().join("last.onnx"), folder.path().join("bare.onnx")).unwrap();
    let (code, text) = said(&["strip", "bare.onnx", "--restore", "old.onnx"]);
    assert_eq!(code, 4, "{text}");
    assert_eq!(std::fs::read(folder.path().join("last.onnx")).unwrap(), bytes);
    let help = stdout(&run(folder.path(), &["--help"]));
    assert!(help.contains("4  could not verify it; an edit is written all the same"), "{help}");
}

/// Escapes of a terminal, a right-to-left mark and a line end, in everything that has a name.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\n!ok";

fn hostile(weight: f32) -> Vec<u8> {
    let called = |name: &str| format!("{name}{HOSTILE}");
    let name = called("n");
    let graph = [
        value(11, &called("x"), &[&called("batch"), "4"]),
        node(&called("Odd"), &called("odd"), &[&called("x")], &[&called("f")], &[attribute(&called("a"), 1)]),
        node("MatMul", &called("fc"), &[&called("f"), &called("w")], &[&called("y")], &[]),
        floats(&called("w"), &[4, 3], &[weight; 12]),
        value(12, &called("y"), &[&called("batch"), "3"]),
        value(13, &called("f"), &[&called("inner"), if weight > 1.0 { "4" } else { "five\u{1b}[1m" }]),
    ];
    let more = [property(&called("key"), &name), common::bytes::text(2, &called("producer"))];
    model(&graph, &more)
}

#[test]
fn finding_18_no_name_of_a_file_reaches_the_terminal_as_an_escape() {
    let folder =
        folder(&[("a.onnx", hostile(1.0)), ("b.onnx", hostile(2.0)), ("plain.onnx", sum(&[1.0], &[]))]);
    let prints: &[&[&str]] = &[
        &["info", "a.onnx", "--values", "--nodes", "--scopes"],
        &["info", "a.onnx", "--json", "--values", "--nodes", "--scopes"],
        &["info", "a.onnx", "--csv", "--values"],
        &["info", "a.onnx", "--csv", "--nodes"],
        &["info", "a.onnx", "--csv", "--scopes"],
        &["summary", "a.onnx"],
        &["summary", "a.onnx", "--csv"],
        &["summary", "a.onnx", "--json"],
        &["diff", "a.onnx", "b.onnx"],
        &["diff", "a.onnx", "plain.onnx"],
        &["diff", "plain.onnx", "a.onnx"],
        &["diff", "a.onnx", "b.onnx", "--report", "json"],
        &["diff", "a.onnx", "plain.onnx", "--report", "json"],
        &["render", "a.onnx", "-T", "svg", "-o", "-", "--title", "--footer", "--show-layer-names"],
        &["render", "a.onnx", "-T", "dot", "-o", "-"],
        &["render", "a.onnx", "-T", "json", "-o", "-"],
        &["head", "a.onnx", "--list"],
        &["head", "a.onnx", "--classes", "7", "-o", "h.onnx"],
        &["head", "a.onnx", "--classes", "7", "--at", "nothing", "-o", "h.onnx"],
        &["rename", "a.onnx", "s/odd/even/", "-o", "r.onnx"],
        &["rename", "a.onnx", "s/nothing/even/", "-o", "r.onnx"],
        &["rename", "a.onnx", "s/.*/same/", "-o", "r.onnx"],
        &["strip", "a.onnx", "-o", "s.onnx"],
        &["strip", "a.onnx", "-o", "s.onnx", "--report", "json"],
        &["run", "a.onnx"],
        &["run", "a.onnx", "--output", "y=y.npy"],
        &["run", "a.onnx", "--unverified"],
        &["run", "a.onnx", "--unverified", "--report", "json"],
        &["validate", "a.onnx"],
        &["validate", "a.onnx", "--against", "b.onnx"],
        &["validate", "a.onnx", "--against", "b.onnx", "--report", "json"],
    ];
    for args in prints {
        let out = run(folder.path(), args);
        for text in [stdout(&out), stderr(&out)] {
            let bad = |c: char| c != '\n' && !modelgram::text::is_inert(c);
            let found = text.lines().find(|line| line.contains(bad));
            assert_eq!(found, None, "{args:?}");
            // A line of its own would be as bad: it may say that all is fine.
            if !args.contains(&"json") && !args.contains(&"--json") && !args.contains(&"dot") {
                assert!(!text.lines().any(|line| line.starts_with("!ok")), "{args:?}: {text}");
            }
        }
        if args.contains(&"json") || args.contains(&"--json") {
            let json: Result<serde_json::Value, _> = serde_json::from_slice(&out.stdout);
            assert!(json.is_ok() || out.stdout.is_empty(), "{args:?}: {json:?}");
        }
    }
    // A program that reads JSON has the names as they are.
    let json = run(folder.path(), &["info", "a.onnx", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["inputs"][0]["name"], format!("x{HOSTILE}"));
}

#[cfg(feature = "infer")]
#[test]
fn finding_19_an_output_or_a_symbol_that_is_not_there_is_an_error() {
    let folder = folder(&[("sum.onnx", sum(&[1.0, 2.0], &[]))]);
    let said = |args: &[&str], expected: i32| {
        let out = run(folder.path(), args);
        assert_eq!(code(&out), expected, "{args:?}: {}{}", stdout(&out), stderr(&out));
        stderr(&out)
    };
    let text = said(&["run", "sum.onnx", "--output", "nosuch=q.npy"], 2);
    assert!(text.contains("no output is named `nosuch`\n  hint: there is `y`"), "{text}");
    let text = said(&["run", "sum.onnx", "--output", "Y=q.npy"], 2);
    assert!(text.contains("did you mean `y`?"), "{text}");
    let text = said(&["run", "sum.onnx", "--output", "w=q.npy"], 2);
    assert!(text.contains("a value inside: --dump 'w'"), "{text}");
    for command in ["run", "validate"] {
        let text = said(&[command, "sum.onnx", "--dim", "batch=n"], 2);
        assert!(text.contains("a run needs a number") && text.contains("hint: --dim batch=1"), "{text}");
        let text = said(&[command, "sum.onnx", "--dim", "batches=2"], 2);
        assert!(text.contains("no input has a dimension that is called `batches`"), "{text}");
        assert!(text.contains("did you mean `batch`?"), "{text}");
        said(&[command, "sum.onnx", "--dim", "batch=2"], 0);
    }
    assert_eq!(files(folder.path()), ["sum.onnx"]);
}

#[cfg(feature = "infer")]
#[test]
fn finding_21_changed_weights_that_nothing_declares_are_told_and_exit_with_1() {
    let graph = |a: f32, b: f32| {
        model(
            &[
                value(11, "x", &["1", "4"]),
                node("Mul", "scale", &["x", "a"], &["s"], &[]),
                node("Add", "shift", &["s", "b"], &["y"], &[]),
                floats("a", &[4], &[a; 4]),
                floats("b", &[4], &[b; 4]),
                value(12, "y", &["1", "4"]),
            ],
            &[],
        )
    };
    // Two weights of one shape have changed places.
    let folder = folder(&[("old.onnx", graph(2.0, 3.0)), ("new.onnx", graph(3.0, 2.0))]);
    let said = |more: &[&str], expected: i32| {
        let out = run(folder.path(), &[&["validate", "new.onnx", "--against", "old.onnx"], more].concat());
        assert_eq!(code(&out), expected, "{more:?}: {}{}", stdout(&out), stderr(&out));
        stdout(&out) + &stderr(&out)
    };
    let text = said(&[], 1);
    let line = "declared    FAILS: no edit on record explains what differs: `a` 4 of 4 elements differ";
    assert!(text.contains(line) && text.contains("--allow weights"), "{text}");
    assert!(text.contains("outputs     other than before"), "it runs all the same: {text}");
    said(&["--allow", "operators"], 1);
    let text = said(&["--allow", "weights"], 0);
    assert!(text.contains("declared    ok: what differs is meant to"), "{text}");
    said(&["--same"], 1);
    std::fs::copy(folder.path().join("old.onnx"), folder.path().join("new.onnx")).unwrap();
    let text = said(&[], 0);
    assert!(text.contains("declared    ok: nothing but names differs"), "{text}");
    // An edit on record explains what it does.
    let out = run(folder.path(), &["rename", "old.onnx", "s/^s/t/", "-o", "renamed.onnx"]);
    assert_eq!(code(&out), 0, "{}", stderr(&out));
    assert_eq!(code(&run(folder.path(), &["validate", "renamed.onnx", "--against", "old.onnx"])), 0);
    // Another operator is none of the weights.
    let other = graph(2.0, 3.0).windows(3).position(|w| w == b"Mul").unwrap();
    let mut bytes = graph(2.0, 3.0);
    bytes[other..other + 3].copy_from_slice(b"Div");
    std::fs::write(folder.path().join("new.onnx"), bytes).unwrap();
    said(&["--allow", "weights"], 1);
    said(&["--allow", "operators"], 0);
    said(&["--allow", "operators,weights"], 0);
}

#[test]
fn finding_23_an_edit_is_not_written_into_a_file_of_another_format() {
    let digits = at("models/digits.onnx").display().to_string();
    let folder = folder(&[]);
    for name in ["out.keras", "out.h5", "out.KERAS", "out.tflite", "out.svg"] {
        for edit in
            [&["head", &digits, "--classes", "5"][..], &["rename", &digits, "s/conv/c/"], &["strip", &digits]]
        {
            let out = run(folder.path(), &[edit, &["-o", name]].concat());
            assert_eq!(code(&out), 2, "{name}: {}", stderr(&out));
            assert!(stderr(&out).contains("hint: end the name in .onnx"), "{}", stderr(&out));
        }
    }
    assert!(files(folder.path()).is_empty());
    for name in ["out.onnx", "out.ONNX", "out", "out.bin"] {
        let out = run(folder.path(), &["rename", &digits, "s/conv/c/", "-o", name, "--no-validate"]);
        assert_eq!(code(&out), 0, "{name}: {}", stderr(&out));
    }
}

#[cfg(feature = "infer")]
#[test]
fn finding_23_a_run_of_a_keras_file_says_what_can_be_done() {
    let keras = at("fixtures/keras/nested.keras").display().to_string();
    for more in [&[][..], &["--unverified"]] {
        let out = run(Path::new("."), &[&["run", keras.as_str()], more].concat());
        assert_eq!(code(&out), 2, "{}", stderr(&out));
        let text = stderr(&out);
        assert!(text.contains("can be drawn, and not yet run\n  hint: export it first: "), "{text}");
        assert!(!text.contains("--unverified") && !text.contains("edited"), "{text}");
    }
}

#[test]
fn finding_23_weights_elsewhere_are_told_to_travel_along_and_a_missing_file_has_a_way_out() {
    let folder = folder(&[]);
    for name in ["gemm.onnx", "gemm.data"] {
        std::fs::copy(at("fixtures/onnx/heads/external").join(name), folder.path().join(name)).unwrap();
    }
    let renamed = |path: &str| run(folder.path(), &["rename", "gemm.onnx", "--prefix", "p/", "-o", path]);
    let out = renamed("new.onnx");
    assert_eq!(code(&out), done(), "{}", stderr(&out));
    assert!(
        stderr(&out).contains("`gemm.data` has weights of the new model: it must travel along\n"),
        "{}",
        stderr(&out)
    );
    std::fs::create_dir(folder.path().join("away")).unwrap();
    let out = renamed("away/new.onnx");
    assert!(stderr(&out).contains("`gemm.data` was put beside the new model"), "{}", stderr(&out));
    assert_eq!(files(&folder.path().join("away")), ["gemm.data", "new.onnx"]);
    std::fs::remove_file(folder.path().join("gemm.data")).unwrap();
    let out = renamed("p.onnx");
    assert_eq!(code(&out), 4, "{}", stderr(&out));
    assert!(stderr(&out).contains("it must travel along, and is missing"), "{}", stderr(&out));
    if cfg!(feature = "infer") {
        let out = run(folder.path(), &["run", "gemm.onnx", "--unverified"]);
        assert_eq!(code(&out), 2, "{}", stderr(&out));
        let text = stderr(&out);
        assert!(
            text.contains("gemm.data: the file `gemm.data`, which the model refers to, is missing"),
            "{text}"
        );
        assert!(text.contains("hint: the two travel together: put it beside the model"), "{text}");
        assert!(!text.contains("os error"), "{text}");
    }
}

#[test]
fn finding_24_a_rename_that_matches_nothing_is_an_error_and_writes_nothing() {
    let folder = folder(&[("sum.onnx", sum(&[1.0], &[]))]);
    let said = |args: &[&str]| {
        let out = run(folder.path(), &[&["rename", "sum.onnx"], args, &["-o", "new.onnx"]].concat());
        assert_eq!(code(&out), 2, "{args:?}: {}", stderr(&out));
        assert_eq!(files(folder.path()), ["sum.onnx"], "{args:?}");
        stderr(&out)
    };
    let text = said(&["s/adds/plus/"]);
    assert!(text.contains("sum.onnx: no name becomes another one by `s/adds/plus/`"), "{text}");
    assert!(text.contains("hint: did you mean `add`?"), "{text}");
    let text = said(&["s/^x$/image/"]);
    assert!(text.contains("hint: --inputs and --outputs rename those of the model too"), "{text}");
    let text = said(&["s/add/plus/", "--values-only"]);
    assert!(text.contains("hint: there are `w`, `x` and `y`"), "{text}");
    let text = said(&["s/add/add/"]);
    assert!(text.contains("no name becomes another one"), "{text}");
}

#[test]
fn finding_24_a_frozen_weight_that_does_not_exist_is_a_finding() {
    let frozen = |names: &str| sum(&[1.0], &[property("modelgram.frozen", names)]);
    let folder = folder(&[("a.onnx", frozen(r#"["w"]"#)), ("b.onnx", frozen(r#"["w", "ww"]"#))]);
    assert!(found(&folder.path().join("a.onnx"), "W311").is_empty());
    let text = found(&folder.path().join("b.onnx"), "W311").join("\n");
    let warning = "warning[W311]: value `ww`: `modelgram.frozen` names a weight that does not exist";
    assert!(text.starts_with(warning), "{text}");
    if cfg!(feature = "infer") {
        let text = stdout(&run(folder.path(), &["validate", "b.onnx"]));
        assert!(text.contains("rules       WARNING: warning[W311]"), "{text}");
    }
}
