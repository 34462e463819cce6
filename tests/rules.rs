//! The table of rules: complete, explained, and each rule fires where it should and only there.

mod common;
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use common::models::{at, open};
use modelgram::error::Place;
use modelgram::finding::Severity;
use modelgram::model::{AttributeValue, Model, Property, Span};
use modelgram::ops::typed;
use modelgram::rules::{
    Family, Findings, RULES, Rule, Subject, catalogue, check, check_with, everything, page, rule,
};
use support::{Net, attribute, floats};

/// A rule of an embedder: no operator of a list that a device cannot run.
const NO_TANH: Rule = Rule::new(
    "Z901",
    Family::Operators,
    Severity::Warning,
    "an operator that the device cannot run",
    "The device has no `Tanh`.\n\nWhat to do: use `HardSigmoid`.\n",
)
.with_check(no_tanh);

fn no_tanh(subject: &Subject<'_>, findings: &mut Findings) {
    let graph = &subject.model().graph;
    for (id, ..) in graph.ops().filter(|(.., op)| op.op == "Tanh") {
        findings.add(Place::default().at_node(graph.called(id)), "the device has no `Tanh`");
    }
}

#[test]
fn a_table_of_an_embedder_is_applied_and_explained() {
    let table = [NO_TANH];
    let model = Net::new().input("x", &[1]).op("Tanh", "y", &["x"], &[1]).output("y").done();
    let found = check_with(&Subject::new(&model), &table);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].to_string(), "warning[Z901]: node `y`: the device has no `Tanh`");
    let text = page(&table[0]);
    assert!(text.starts_with("Z901: an operator that the device cannot run\n"), "{text}");
    assert!(text.ends_with("What to do: use `HardSigmoid`.\n"), "{text}");
    assert!(
        catalogue(&table).contains("| [Z901](#z901) | warning | an operator that the device cannot run |")
    );
    assert!(check(&Subject::new(&model)).is_empty());
}

fn net(op: &str, attributes: Vec<modelgram::model::Attribute>) -> Model {
    let y = [("y", None)];
    Net::new().input("x", &[1, 4]).op_with(op, "y", &["x"], &y, attributes).output("y").done()
}

fn softmaxes(second: &str) -> Model {
    let net = Net::new().input("x", &[1, 4]).op("Softmax", "p", &["x"], &[1, 4]);
    net.op(second, "y", &["p"], &[1, 4]).output("y").done()
}

/// A model of IR version 3 with an initializer that is not listed as an input.
fn old(ir_version: i64) -> Model {
    let net = Net::new().constant("w", floats(&[1], &[1.0]));
    let mut model = net.op("Relu", "y", &["w"], &[1]).output("y").done();
    model.meta.ir_version = Some(ir_version);
    model.meta.constants_are_inputs = ir_version < 4;
    model
}

fn axis(n: i64) -> modelgram::model::Attribute {
    attribute("axis", AttributeValue::Int(n))
}

/// A model that freezes this weight, and has one that is called `w`.
fn frozen(name: &str) -> Model {
    let mut model = old(8);
    let (key, value) = ("modelgram.frozen".into(), format!("[\"{name}\"]").as_str().into());
    model.meta.properties.push(Property { key, value, span: Span::default() });
    model
}

fn normalized(training: i64) -> Model {
    net("BatchNormalization", vec![attribute("training_mode", AttributeValue::Int(training))])
}

#[test]
fn every_rule_that_has_a_check_fires_where_it_should_and_only_there() {
    let fine = || open("models/digits.onnx");
    let wrong = |name: &str| open(&format!("fixtures/onnx/verdict/wrong/{name}.onnx"));
    // What it fires on, and something like it on which it does not.
    let cases: Vec<(&str, Model, Model)> = vec![
        ("S009", open("fixtures/broken/shadowing.onnx"), fine()),
        ("S010", open("fixtures/broken/function-recursion.onnx"), fine()),
        ("S011", open("fixtures/broken/function-bomb.onnx"), fine()),
        ("S013", old(3), old(4)),
        ("S017", net("Softmax", vec![axis(1), axis(0)]), net("Softmax", vec![axis(1)])),
        ("O102", wrong("operator_unknown"), fine()),
        ("O103", wrong("operator_deprecated"), fine()),
        ("O106", wrong("attribute_unknown"), fine()),
        ("O107", wrong("too_few_operands"), fine()),
        ("O108", typed(&wrong("matmul_of_two_types")), typed(&fine())),
        ("O111", net("RandomNormalLike", Vec::new()), net("Relu", Vec::new())),
        ("O112", normalized(1), normalized(0)),
        ("W311", frozen("nothing"), frozen("w")),
        ("G406", softmaxes("LogSoftmax"), softmaxes("Relu")),
    ];
    let tried: Vec<&str> = cases.iter().map(|(id, ..)| *id).collect();
    let checked: Vec<&str> = RULES.iter().filter(|r| r.check.is_some()).map(|r| r.id).collect();
    assert_eq!(tried, checked, "a rule with a check needs a model here");
    for (id, bad, good) in cases {
        let fires = |model: &Model| check(&Subject::new(model)).iter().any(|f| f.rule == id);
        assert!(fires(&bad), "{id} does not fire");
        assert!(!fires(&good), "{id} fires on what is right");
    }
}

/// All files below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder is there").flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

#[test]
fn all_findings_of_all_fixtures_are_of_registered_rules() {
    let mut seen = BTreeSet::new();
    for path in ["fixtures/onnx", "fixtures/broken", "fixtures/keras"].iter().flat_map(|f| below(&at(f))) {
        let Ok(model) = modelgram::formats::open(&path) else { continue };
        let model = typed(&model);
        for finding in everything(&model).into_iter().chain(check(&Subject::new(&model))) {
            let shown = path.display();
            let rule = rule(finding.rule).unwrap_or_else(|| panic!("{shown}: {finding}: no such rule"));
            assert!(finding.severity <= rule.severity, "{shown}: {finding}: more than the rule says");
            seen.insert(rule.id);
        }
    }
    assert!(seen.len() > 20, "only {seen:?}");
}

/// Identifiers in a text: `"S002"`, with their quotes.
fn identifiers(text: &str) -> BTreeSet<String> {
    let is_one = |w: &[u8]| {
        let [b'"', letter, digits @ .., b'"'] = w else { return false };
        letter.is_ascii_uppercase() && digits.iter().all(u8::is_ascii_digit)
    };
    let found = text.as_bytes().windows(6).filter(|w| is_one(w));
    found.map(|w| String::from_utf8_lossy(&w[1..5]).into_owned()).collect()
}

#[test]
fn every_identifier_in_the_source_is_registered_and_every_registered_one_is_used() {
    let (mut given, mut checked) = (BTreeSet::new(), BTreeSet::new());
    for path in below(&at("src")) {
        if path.extension().is_none_or(|e| e != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("the file can be read");
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let in_rules = path.strip_prefix(at("src/rules")).is_ok();
        let found = identifiers(&code.join("\n"));
        for id in &found {
            assert!(rule(id).is_some(), "{}: `{id}` is not in the table of rules", path.display());
        }
        (if in_rules { &mut checked } else { &mut given }).extend(found);
    }
    for rule in RULES {
        assert!(checked.contains(rule.id), "{} has no file of its own", rule.id);
        let used = rule.check.is_some() || given.contains(rule.id);
        assert!(used, "{} has no check, and nothing else reports it", rule.id);
    }
}

#[test]
fn the_page_of_rules_is_that_of_the_table() {
    let (path, made) = (at("docs/rules.md"), catalogue(RULES));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &made).expect("docs can be written");
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == made, "docs/rules.md is old: `UPDATE=1 cargo test --test rules` writes it again");
}

#[cfg(feature = "cli")]
mod program {
    use super::common::program::{run, stderr, stdout};
    use super::*;

    #[test]
    fn explain_prints_the_page_of_a_rule() {
        let out = run(Path::new("."), &["explain", "g406"]);
        assert!(out.status.success());
        assert_eq!(stdout(&out), page(rule("G406").expect("it is registered")));
    }

    #[test]
    fn an_unknown_rule_is_an_error_with_the_nearest_ones() {
        let out = run(Path::new("."), &["explain", "S018"]);
        assert_eq!(out.status.code(), Some(2));
        let text = stderr(&out);
        assert!(text.contains("no rule `S018`\n  hint: did you mean `S017`, `S016` or `S015`?"), "{text}");
    }

    #[test]
    fn rules_lists_all_in_lines_that_fit_a_terminal_and_as_json() {
        let text = stdout(&run(Path::new("."), &["rules"]));
        assert_eq!(text.lines().count(), RULES.len());
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let json = stdout(&run(Path::new("."), &["rules", "--json"]));
        let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        let ids: Vec<&str> = json.as_array().into_iter().flatten().filter_map(|r| r["id"].as_str()).collect();
        assert_eq!(ids, RULES.iter().map(|r| r.id).collect::<Vec<_>>());
    }
}
