//! The layers of `docs/architecture.md`: an arrow between modules points down.

use std::path::{Path, PathBuf};

/// What each module may use, besides itself and the three at the bottom.
const MAY_USE: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("error", &[]),
    ("finding", &[]),
    ("model", &[]),
    ("files", &["model"]),
    ("ops", &["model"]),
    ("eval", &["files", "ops", "model"]),
    ("rules", &["ops", "model"]),
    ("formats", &["rules", "ops", "files", "model"]),
    ("view", &["ops", "model"]),
    ("diagram", &["view", "ops", "model"]),
    ("layout", &["diagram"]),
    ("picture", &["layout", "diagram", "ops"]),
    ("export", &["picture", "layout", "diagram"]),
    ("edit", &["files", "rules", "ops", "model"]),
    ("diff", &["formats", "model"]),
    ("infer", &["edit", "eval", "ops", "files", "model"]),
    ("prove", &["diff", "infer", "edit", "rules", "ops", "formats", "files", "model"]),
    ("report", &["view", "ops", "model"]),
    ("save", &["prove", "infer", "formats", "model"]),
    ("draw", &["export", "picture", "layout", "diagram", "view", "model"]),
    // What tests and benches reach.
    ("stages", &["export", "picture", "layout", "diagram", "view", "formats", "text"]),
    (
        "cli",
        &[
            "draw", "save", "report", "prove", "infer", "diff", "edit", "export", "picture", "layout",
            "diagram", "view", "formats", "rules", "ops", "files", "model",
        ],
    ),
];

/// Where a dependency may be named.
const HOMES: &[(&str, &[&str])] = &[
    ("prost::", &["formats", "infer"]),
    ("petgraph::", &["model", "view"]),
    ("resvg::", &["export"]),
    ("krilla", &["export"]),
    ("hdf5_reader::", &["formats"]),
    ("zip::", &["files", "formats"]),
    ("tract_onnx::", &["infer"]),
    ("memmap2::", &["files"]),
    ("clap::", &["cli"]),
    ("rlimit::", &["cli"]),
    ("ttf_parser::", &["diagram"]),
    ("std::fs", &["files", "formats", "cli"]),
    ("std::env", &["cli"]),
    ("std::process", &["cli", "files"]),
    ("println!", &["cli"]),
    ("signal_hook::", &["cli"]),
    ("rustix::", &["cli"]),
    // Where the library is embedded there may be no clock.
    ("std::time::", &["cli", "infer"]),
];

fn source(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            source(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("schema/onnx.rs") {
            files.push(path);
        }
    }
}

/// The files of `src` with their modules and their code, tests left out.
fn modules() -> Vec<(PathBuf, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source(&root, &mut files);
    files.sort();
    let read = files.into_iter().map(|path| {
        let inside = path.strip_prefix(&root).expect("below src");
        let first = inside.components().next().expect("a file").as_os_str().to_string_lossy();
        let module = first.trim_end_matches(".rs").to_owned();
        let text = std::fs::read_to_string(&path).expect("the file can be read");
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let code: Vec<&str> = code.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
        (path, module, code.join("\n"))
    });
    read.filter(|(_, module, _)| module != "lib" && module != "main").collect()
}

#[test]
fn arrows_point_down() {
    let mut arrows = 0;
    for (path, module, code) in modules() {
        let rule = MAY_USE.iter().find(|(name, _)| *name == module);
        let (_, allowed) = rule.unwrap_or_else(|| panic!("`{module}` is in no layer: add it to MAY_USE"));
        for used in code.split("crate::").skip(1) {
            let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            arrows += 1;
            let fine = used == module
                || ["error", "finding", "text"].contains(&used.as_str())
                || allowed.contains(&used.as_str());
            assert!(fine, "{}: `{module}` uses `{used}`, which is not below it", path.display());
        }
    }
    assert!(arrows > 100, "only {arrows} arrows were seen");
}

#[test]
fn large_dependencies_have_one_home() {
    for (path, module, code) in modules() {
        for (word, homes) in HOMES {
            let found = code.contains(word) && !homes.contains(&module.as_str());
            assert!(!found, "{}: `{word}` does not belong into `{module}`", path.display());
        }
    }
}
