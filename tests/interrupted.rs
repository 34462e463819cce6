//! Finding 20: signals leave nothing half written, and a file that another program cuts short is
//! an error.
#![cfg(all(feature = "cli", unix))]

mod common;

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use common::bytes::{int, node, text, value, varint};
use modelgram::formats::open;
use modelgram::stages::encoding::splice::record;

/// The bytes of the weight.
const BYTES: u64 = 96 << 20;

/// A model whose one weight is a hole in the file: large, and quickly made.
fn large(path: &Path) {
    let n = BYTES / 4;
    let tensor = [int(1, n), int(2, 1), text(8, "w"), varint(9 << 3 | 2), varint(BYTES)].concat();
    let around = [
        value(11, "x", &["1"]),
        node("Add", "add", &["x", "w"], &["y"], &[]),
        value(12, "y", &[&n.to_string()]),
        text(2, "graph"),
        varint(5 << 3 | 2),
        varint(tensor.len() as u64 + BYTES),
    ]
    .concat();
    let opset = record(8, &[text(1, ""), int(2, 17)].concat());
    let graph = around.len() as u64 + tensor.len() as u64 + BYTES;
    let head = [int(1, 8), opset, varint(7 << 3 | 2), varint(graph), around, tensor].concat();
    std::fs::write(path, &head).unwrap();
    File::options().write(true).open(path).unwrap().set_len(head.len() as u64 + BYTES).unwrap();
}

fn start(folder: &Path, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelgram"));
    command.args(args).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let mut names: Vec<String> = entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// How long something takes that nobody interrupts.
fn time(folder: &Path, args: &[&str]) -> Duration {
    let begin = Instant::now();
    let out = start(folder, args).wait_with_output().unwrap();
    assert!(out.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&out.stderr));
    begin.elapsed()
}

/// Whether it is the model as it was, or as the edit makes it.
fn whole(path: &Path, len: u64) -> bool {
    let model = open(path).unwrap();
    let named = |name: &str| model.graph.ops().any(|(_, node, _)| node.name == name);
    named("add") && model.source.bytes.len() as u64 == len || named("plus")
}

#[test]
fn finding_20_a_signal_at_any_moment_leaves_the_original_whole_and_no_temporary_file() {
    let folder = tempfile::tempdir().unwrap();
    let (path, folder) = (folder.path().join("big.onnx"), folder.path());
    large(&path);
    let len = std::fs::metadata(&path).unwrap().len();
    let new = ["rename", "big.onnx", "s/add/plus/", "--no-validate", "-o", "new.onnx"];
    let own = ["rename", "big.onnx", "s/add/plus/", "--no-validate", "--in-place"];
    let all = time(folder, &new);
    std::fs::remove_file(folder.join("new.onnx")).unwrap();
    let mut interrupted = 0;
    for (i, signal) in ["INT", "TERM", "HUP"].into_iter().cycle().take(15).enumerate() {
        let child = start(folder, if i % 2 == 0 { &new } else { &own });
        std::thread::sleep(all.mul_f64((i + 1) as f64 / 15.0));
        send(signal, &child);
        let out = child.wait_with_output().unwrap();
        assert!(out.status.success() || out.status.signal().is_some(), "{signal}: {}", out.status);
        interrupted += usize::from(out.status.signal().is_some());
        assert!(whole(&path, len), "{signal} at {i}");
        let left = names(folder);
        let finished = out.status.success() || left.iter().any(|name| name == "new.onnx");
        if finished && i % 2 == 0 {
            assert!(whole(&folder.join("new.onnx"), len), "{signal} at {i}");
            std::fs::remove_file(folder.join("new.onnx")).unwrap();
        }
        assert_eq!(names(folder), ["big.onnx"], "{signal} at {i}: {left:?}");
        if !open(&path).unwrap().graph.ops().any(|(_, node, _)| node.name == "add") {
            large(&path);
        }
    }
    assert!(interrupted >= 5, "only {interrupted} were in time");
}

#[test]
fn finding_20_what_a_kill_leaves_is_removed_by_the_next_edit() {
    let folder = tempfile::tempdir().unwrap();
    let (path, folder) = (folder.path().join("big.onnx"), folder.path());
    large(&path);
    let len = std::fs::metadata(&path).unwrap().len();
    let args = ["rename", "big.onnx", "s/add/plus/", "--no-validate", "-o", "new.onnx"];
    let mut left = Vec::new();
    for wait in 0..200 {
        let mut child = start(folder, &args);
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(whole(&path, len));
        left = names(folder);
        left.retain(|name| name.ends_with(".tmp"));
        if !left.is_empty() {
            break;
        }
        let _ = std::fs::remove_file(folder.join("new.onnx"));
    }
    assert_eq!(left.len(), 1, "a kill in the middle leaves the file that was written");
    let file = File::options().write(true).open(folder.join(&left[0])).unwrap();
    file.set_modified(std::time::SystemTime::now() - Duration::from_secs(60)).unwrap();
    drop(file);
    time(folder, &args);
    assert_eq!(names(folder), ["big.onnx", "new.onnx"]);
}

#[test]
fn finding_20_a_file_that_is_cut_short_while_it_is_mapped_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut commands: Vec<&[&str]> = vec![
        &["strip", "big.onnx", "-o", "new.onnx"],
        &["diff", "big.onnx", "other.onnx"],
        &["diff", "other.onnx", "big.onnx"],
        &["rename", "big.onnx", "s/add/plus/", "-o", "new.onnx", "--no-validate"],
    ];
    if cfg!(feature = "infer") {
        commands.push(&["run", "big.onnx", "--unverified"]);
    }
    large(&folder.join("other.onnx"));
    for args in commands {
        large(&folder.join("big.onnx"));
        // A run takes long once it has read the model.
        let (all, tries) = match args[0] {
            "run" => (Duration::from_millis(300), 4),
            _ => (time(folder, args), 10),
        };
        let mut told = 0;
        for i in 0..tries {
            let _ = std::fs::remove_file(folder.join("new.onnx"));
            large(&folder.join("big.onnx"));
            let child = start(folder, args);
            std::thread::sleep(all.mul_f64(f64::from(i) / 10.0));
            // In turns far away and just before the end.
            let len = if i % 2 == 0 { 10 } else { BYTES - 100_000 };
            File::options().write(true).open(folder.join("big.onnx")).unwrap().set_len(len).unwrap();
            let out: Output = child.wait_with_output().unwrap();
            let text = String::from_utf8_lossy(&out.stderr).into_owned();
            assert_eq!(out.status.signal(), None, "{args:?} at {i}: {text}");
            told += usize::from(text.contains("big.onnx: the file was cut short while it was read"));
            let left = names(folder);
            assert!(!left.iter().any(|name| name.ends_with(".tmp")), "{args:?} at {i}: {left:?}");
        }
        assert!(told > 0, "{args:?}: it was never in the middle");
    }
}
