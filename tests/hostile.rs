//! Files that mean harm: every command ends within its limits, with an error, and leaves nothing.
#![cfg(all(feature = "cli", feature = "infer"))]

mod common;

use std::path::Path;
use std::process::Command;

use common::models::at;
use common::program::{run, stderr, stdout};
use modelgram::stages::encoding::splice::record;

/// A number as a field.
fn number(field: u32, value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    for mut rest in [u64::from(field) << 3, value] {
        while rest >= 0x80 {
            out.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        out.push(rest as u8);
    }
    out
}

/// A model of operator set 17 with these records of a graph and one output.
fn model(records: &[Vec<u8>], output: &str) -> Vec<u8> {
    let graph = [records.concat(), record(2, b"g"), record(12, &record(1, output.as_bytes()))].concat();
    [number(1, 8), record(7, &graph), record(8, &number(2, 17))].concat()
}

fn node(op: &str, inputs: &[&str], output: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
    let mut payload: Vec<u8> = inputs.iter().flat_map(|i| record(1, i.as_bytes())).collect();
    payload.extend(record(2, output.as_bytes()));
    payload.extend(record(4, op.as_bytes()));
    payload.extend(attributes.concat());
    record(1, &payload)
}

/// A list of integers as an attribute.
fn ints(name: &str, list: &[i64]) -> Vec<u8> {
    let items: Vec<u8> = list.iter().flat_map(|&n| number(8, n as u64)).collect();
    record(5, &[record(1, name.as_bytes()), items, number(20, 7)].concat())
}

/// A stored tensor of these dimensions, type and fields.
fn stored(name: &str, dims: &[i64], dtype: u64, fields: &[Vec<u8>]) -> Vec<u8> {
    let dims: Vec<u8> = dims.iter().flat_map(|&d| number(1, d as u64)).collect();
    record(5, &[dims, number(2, dtype), record(8, name.as_bytes()), fields.concat()].concat())
}

/// Stored integers of 64 bits.
fn longs(name: &str, list: &[i64]) -> Vec<u8> {
    let raw: Vec<u8> = list.iter().flat_map(|n| n.to_le_bytes()).collect();
    let dims = if list.len() == 1 { vec![] } else { vec![list.len() as i64] };
    stored(name, &dims, 7, &[record(9, &raw)])
}

/// Stored floats.
fn floats(name: &str, dims: &[i64], list: &[f32]) -> Vec<u8> {
    let raw: Vec<u8> = list.iter().flat_map(|n| n.to_le_bytes()).collect();
    stored(name, dims, 1, &[record(9, &raw)])
}

/// A graph inside a graph inside a graph.
fn nested(depth: usize) -> Vec<u8> {
    let mut inner = [node("Identity", &["x"], "y", &[]), record(12, &record(1, b"y"))].concat();
    for _ in 0..depth {
        let branch =
            |name: &str| record(5, &[record(1, name.as_bytes()), record(6, &inner), number(20, 5)].concat());
        let both = [branch("then_branch"), record(5, &record(1, b"else_branch"))];
        inner = [node("If", &["c"], "y", &both), record(12, &record(1, b"y"))].concat();
    }
    inner
}

/// What a file may do, each by itself.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let large = [1i64 << 20, 1 << 20];
    let image = || floats("x", &[1, 1, 2, 2], &[0.0; 4]);
    let of = |records: &[Vec<u8>]| model(records, "y");
    vec![
        ("constant of shape", of(&[longs("s", &large), node("ConstantOfShape", &["s"], "y", &[])])),
        (
            "range",
            of(&[
                longs("a", &[0]),
                longs("b", &[1 << 40]),
                longs("c", &[1]),
                node("Range", &["a", "b", "c"], "y", &[]),
            ]),
        ),
        (
            "expand",
            of(&[
                longs("s", &large),
                longs("one", &[1]),
                node("Expand", &["one", "s"], "e", &[]),
                node("Neg", &["e"], "y", &[]),
            ]),
        ),
        ("tile", of(&[image(), longs("n", &[1, 1, 1 << 20, 1 << 20]), node("Tile", &["x", "n"], "y", &[])])),
        (
            "pad",
            of(&[
                image(),
                longs("p", &[0, 0, 1 << 20, 1 << 20, 0, 0, 0, 0]),
                node("Pad", &["x", "p"], "y", &[]),
            ]),
        ),
        (
            "resize",
            of(&[
                image(),
                longs("n", &[1, 1, 1 << 20, 1 << 20]),
                node("Resize", &["x", "", "", "n"], "y", &[]),
            ]),
        ),
        (
            "one-hot",
            of(&[
                longs("i", &[0, 1]),
                longs("d", &[1 << 42]),
                floats("v", &[2], &[0.0, 1.0]),
                node("OneHot", &["i", "d", "v"], "y", &[]),
            ]),
        ),
        (
            "convolution with pads",
            of(&[
                image(),
                floats("w", &[1, 1, 1, 1], &[1.0]),
                node("Conv", &["x", "w"], "y", &[ints("pads", &[1 << 20, 1 << 20, 0, 0])]),
            ]),
        ),
        (
            "transposed convolution with strides",
            of(&[
                floats("x", &[1, 1, 2, 2], &[0.0; 4]),
                floats("w", &[1, 1, 1, 1], &[1.0]),
                node("ConvTranspose", &["x", "w"], "y", &[ints("strides", &[1 << 20, 1 << 20])]),
            ]),
        ),
        (
            "outer product",
            of(&[
                longs("s", &[1 << 13, 1]),
                longs("t", &[1, 1 << 19]),
                node("ConstantOfShape", &["s"], "a", &[]),
                node("ConstantOfShape", &["t"], "b", &[]),
                node("MatMul", &["a", "b"], "y", &[]),
            ]),
        ),
    ]
}

/// Files that say what cannot be.
fn lies() -> Vec<(&'static str, Vec<u8>)> {
    let of = |tensor: Vec<u8>| model(&[tensor, node("Identity", &["w"], "y", &[])], "y");
    let plain = [longs("w", &[1]), node("Identity", &["w"], "y", &[])].concat();
    let one = [plain.clone(), record(12, &record(1, b"y"))].concat();
    vec![
        ("dimensions that overflow", of(stored("w", &[1 << 62, 4], 1, &[record(9, &[0; 16])]))),
        ("a negative dimension", of(stored("w", &[-4], 1, &[record(9, &[0; 16])]))),
        ("content that is too short", of(stored("w", &[1000], 1, &[record(9, &[0; 16])]))),
        ("content that is too long", of(stored("w", &[1], 1, &[record(9, &[0; 16])]))),
        ("an odd number of nibbles", of(stored("w", &[3], 22, &[record(9, &[0; 1])]))),
        ("strings for floats", of(stored("w", &[1], 1, &[record(6, b"text")]))),
        ("content in two ways", of(stored("w", &[1], 1, &[record(9, &[0; 4]), record(4, &[0; 4])]))),
        ("a segment", of(stored("w", &[1], 1, &[record(3, &[number(1, 0), number(2, 4)].concat())]))),
        ("a type that there is not", of(stored("w", &[1], 9999, &[record(9, &[0; 4])]))),
        ("a varint of eleven bytes", [vec![0x08], vec![0xff; 10], vec![1], record(7, &one)].concat()),
        ("a graph that is a number", [number(1, 8), number(7, 5), record(8, &number(2, 17))].concat()),
        ("groups", [number(1, 8), vec![0x3b, 0x3c], record(7, &one), record(8, &number(2, 17))].concat()),
        (
            "a size that is two things",
            model(
                &[
                    record(
                        11,
                        &[
                            record(1, b"x"),
                            record(
                                2,
                                &record(
                                    1,
                                    &[
                                        number(1, 1),
                                        record(
                                            2,
                                            &record(1, &[record(2, b"n"), number(1, 1 << 62)].concat()),
                                        ),
                                    ]
                                    .concat(),
                                ),
                            ),
                        ]
                        .concat(),
                    ),
                    node("Cos", &["x"], "y", &[]),
                ],
                "y",
            ),
        ),
        ("graphs in graphs", [number(1, 8), record(7, &nested(70)), record(8, &number(2, 17))].concat()),
        ("what defines itself", model(&[node("Neg", &["y"], "y", &[])], "y")),
        ("a circle", model(&[node("Neg", &["b"], "a", &[]), node("Neg", &["a"], "b", &[])], "a")),
        ("an output of nowhere", model(&[node("Neg", &["w"], "z", &[]), longs("w", &[1])], "y")),
    ]
}

const LIMITS: [&str; 5] = ["--memory-limit", "2000000000", "--time-limit", "60", "--unverified"];

#[test]
fn bombs_end_within_their_limits() {
    for (name, bytes) in bombs() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("m.onnx"), bytes).unwrap();
        let out = run(folder.path(), &[&["run", "m.onnx", "--output-dir", "."], &LIMITS[..]].concat());
        assert_eq!(out.status.code(), Some(2), "{name}: {}{}", stdout(&out), stderr(&out));
        assert!(stderr(&out).starts_with("error: "), "{name}: {}", stderr(&out));
        let out =
            run(folder.path(), &["validate", "m.onnx", "--memory-limit", "2000000000", "--time-limit", "60"]);
        assert!([Some(1), Some(4)].contains(&out.status.code()), "{name}: {}{}", stdout(&out), stderr(&out));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "{name}: nothing is left");
    }
}

/// Whatever a file says, each command ends with a code of its own, says why, and leaves no file
/// that is not whole.
#[test]
fn lies_end_in_an_error_or_a_finding() {
    for (name, bytes) in lies() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("m.onnx"), bytes).unwrap();
        let run_it = [&["run", "m.onnx", "--output-dir", "."], &LIMITS[..]].concat();
        for args in [
            &run_it[..],
            &["info", "m.onnx"],
            &["summary", "m.onnx"],
            &["m.onnx", "-o", "m.svg"],
            &["validate", "m.onnx", "--time-limit", "60"],
            &["diff", "m.onnx", "m.onnx"],
            &["head", "m.onnx", "--classes", "3", "-o", "new.onnx"],
            &["rename", "m.onnx", "s/y/z/", "--outputs", "-o", "renamed.onnx"],
            &["strip", "m.onnx", "-o", "small.onnx"],
        ] {
            let out = run(folder.path(), args);
            let text = stdout(&out) + &stderr(&out);
            let code = out.status.code().unwrap_or(-1);
            assert!((0..=4).contains(&code) && !text.contains("panicked"), "{name} {args:?} {code}: {text}");
            assert!(code == 0 || !text.trim().is_empty(), "{name} {args:?}: {code} without a word");
            for made in ["new.onnx", "renamed.onnx", "small.onnx"].map(|n| folder.path().join(n)) {
                assert!(!made.exists() || modelgram::formats::open(&made).is_ok(), "{name} {args:?}");
            }
        }
        // What was not shown to be right is never called so.
        let out = run(folder.path(), &["run", "m.onnx", "--time-limit", "60"]);
        assert_ne!(out.status.code(), Some(0), "{name}: {}", stdout(&out));
        let out = run(folder.path(), &["validate", "m.onnx", "--time-limit", "60"]);
        assert_ne!(out.status.code(), Some(0), "{name}: {}", stdout(&out));
    }
}

#[cfg(unix)]
#[test]
fn external_data_that_is_no_plain_file_is_refused() {
    let source = at("fixtures/onnx/heads/external/gemm.onnx");
    let data = std::fs::read(source.with_file_name("gemm.data")).unwrap();
    type Make = fn(&Path, &[u8]);
    let cases: [(&str, Make); 5] = [
        ("symbolic link", |data, content| {
            std::fs::write(data.with_extension("real"), content).unwrap();
            std::os::unix::fs::symlink(data.with_extension("real"), data).unwrap();
        }),
        ("hard link", |data, content| {
            std::fs::write(data.with_extension("real"), content).unwrap();
            std::fs::hard_link(data.with_extension("real"), data).unwrap();
        }),
        ("regular file", |data, _| {
            assert!(Command::new("mkfifo").arg(data).status().unwrap().success());
        }),
        ("bytes", |data, content| std::fs::write(data, &content[..100]).unwrap()),
        ("is missing", |_, _| {}),
    ];
    for (why, make) in cases {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(&source, folder.path().join("gemm.onnx")).unwrap();
        make(&folder.path().join("gemm.data"), &data);
        let out = run(folder.path(), &["run", "gemm.onnx", "--unverified", "--time-limit", "60"]);
        assert_eq!(out.status.code(), Some(2), "{why}: {}{}", stdout(&out), stderr(&out));
        assert!(stderr(&out).contains(why), "{why}: {}", stderr(&out));
    }
}

/// Places that are no file beside the model: whatever the file says, nothing else is read.
#[test]
fn external_data_is_nowhere_else() {
    let source = std::fs::read(at("fixtures/onnx/heads/external/gemm.onnx")).unwrap();
    let old = b"gemm.data";
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("models");
    std::fs::create_dir(&inside).unwrap();
    let data = std::fs::read(at("fixtures/onnx/heads/external/gemm.data")).unwrap();
    for name in ["x.data", "gemm.dat"] {
        std::fs::write(folder.path().join(name), &data).unwrap();
    }
    for (location, why) in [
        (&b"gemm.onnx"[..], "the model itself cannot be its external data"),
        (b"../x.data", "leaves the model's folder"),
        (b"./../x.da", "leaves the model's folder"),
        (b"/dev/zero", "is absolute"),
        (b"C:\\m.data", "has `\\`"),
        (b"m\\\\m.data", "has `\\`"),
        (b"gem\0.data", "control characters"),
        (b"GEMM.DATA", "is missing"),
        (b"gemm.dat.", "is missing"),
        (b"gem%6D.da", "is missing"),
        (b"gemm.d\xC3\xA5t", "is missing"),
    ] {
        let shown = String::from_utf8_lossy(location).into_owned();
        assert_eq!(location.len(), old.len(), "{shown}");
        let mut bytes = source.clone();
        let places: Vec<usize> = (0..bytes.len() - 9).filter(|&i| &bytes[i..i + 9] == old).collect();
        assert!(!places.is_empty());
        places.into_iter().for_each(|i| bytes[i..i + 9].copy_from_slice(location));
        std::fs::write(inside.join("gemm.onnx"), &bytes).unwrap();
        let out =
            run(&inside, &["run", "gemm.onnx", "--unverified", "--output-dir", ".", "--time-limit", "60"]);
        assert_eq!(out.status.code(), Some(2), "{shown}: {}{}", stdout(&out), stderr(&out));
        assert!(stderr(&out).contains(why), "{shown}: {}", stderr(&out));
        assert_eq!(std::fs::read_dir(&inside).unwrap().count(), 1, "{shown}: nothing was written");
    }
}
