//! The commands of `docs/guide.md` do what it says, and its pictures are what they write.
#![cfg(all(feature = "cli", feature = "pdf", feature = "infer"))]

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use common::golden::assert_all_golden;
use common::models::at;

/// The lines of the guide's shell blocks.
fn commands(guide: &str) -> Vec<String> {
    let mut inside = false;
    let mut commands = Vec::new();
    for line in guide.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            line if inside => commands.push(line.to_owned()),
            _ => {}
        }
    }
    commands
}

/// The words of a command; single quotation marks keep what is between them.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for c in command.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            c => word.push(c),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

fn copy(folder: &Path, name: &str) {
    let target = folder.join(name);
    std::fs::create_dir_all(target.parent().unwrap()).unwrap();
    std::fs::copy(at(name), target).unwrap();
}

#[test]
fn the_guide_is_true() {
    let guide = std::fs::read_to_string(at("docs/guide.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy(folder.path(), "docs/guide/time.json");
    let mut drawn = BTreeSet::new();
    let commands = commands(&guide);
    assert!(commands.len() >= 20, "only {} commands were found", commands.len());
    for command in &commands {
        let words = words(command);
        assert_eq!(words[0], "modelgram", "{command}");
        for file in words.iter().map(|word| word.split_once('=').map_or(word.as_str(), |(_, file)| file)) {
            if file.ends_with(".npy") && at(file).is_file() {
                copy(folder.path(), file);
            }
        }
        let inputs = words.iter().filter(|word| at(word).is_file());
        for model in inputs.filter(|word| word.ends_with(".onnx") || word.ends_with(".keras")) {
            copy(folder.path(), model);
        }
        let run = Command::new(env!("CARGO_BIN_EXE_modelgram"))
            .args(&words[1..])
            .current_dir(folder.path())
            .output();
        let run = run.expect("it runs");
        // The guide says which one that is.
        let wanted = if command.contains("inception-names.onnx 's/") { 4 } else { 0 };
        let said = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(wanted), "{command}\n{said}");
        let output = words.iter().position(|word| word == "-o").map(|i| words[i + 1].clone());
        let picture = words.iter().position(|word| word == "--picture").map(|i| words[i + 1].clone());
        drawn.extend(picture);
        if let Some(output) = output {
            assert!(folder.path().join(&output).exists(), "{command} wrote nothing");
            drawn.insert(output);
        } else {
            assert!(!run.stdout.is_empty(), "{command} said nothing");
        }
    }
    let pictures: BTreeSet<String> =
        drawn.into_iter().filter(|name| name.starts_with("docs/guide/")).collect();
    for picture in &pictures {
        let shown = picture.trim_start_matches("docs/");
        assert!(guide.contains(&format!("]({shown})")), "the guide does not show {shown}");
    }
    let made = |picture: &String| std::fs::read_to_string(folder.path().join(picture)).unwrap();
    assert_all_golden(pictures.iter().map(|picture| (picture, made(picture))));
    for file in std::fs::read_dir(at("docs/guide")).unwrap().flatten() {
        let name = format!("docs/guide/{}", file.file_name().to_string_lossy());
        assert!(pictures.contains(&name) || name.ends_with(".json"), "no command draws {name}");
    }
}
