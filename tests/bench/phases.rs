//! How long each step takes, from a file in memory to an SVG; and each phase of the
//! layout.
//!
//! `cargo bench --bench phases` runs it on `models/` and on a made network of 4,000
//! boxes; `MODELGRAM_BENCH=FILE.onnx` on a model of your own.

#![allow(missing_docs)] // what criterion generates has none

use std::cell::RefCell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use modelgram::model::Model;
use modelgram::stages::diagram::{BoxId, Diagram, DiagramOptions, Size, build};
use modelgram::stages::layout::{Options, layered, layered_watched};
use modelgram::stages::picture;
use modelgram::stages::svg::{SvgOptions, svg};
use modelgram::stages::view::whole;

#[allow(dead_code)]
#[path = "../common/graphs.rs"]
mod graphs;

const PHASES: [&str; 9] = ["nest", "cycles", "ranks", "order", "ports", "x", "y", "routes", "assemble"];

fn steps(c: &mut Criterion) {
    for (name, path) in models() {
        let model = open(&path);
        let mut group = c.benchmark_group(&name);
        group.bench_function("open", |b| b.iter(|| open(&path)));
        group.bench_function("view", |b| b.iter(|| whole(black_box(&model), &model.graph)));
        let shown = whole(&model, &model.graph);
        group.bench_function("diagram", |b| {
            b.iter(|| build(black_box(&shown), None, &DiagramOptions::default()))
        });
        let diagram = build(&shown, None, &DiagramOptions::default());
        group.bench_function("layout", |b| b.iter(|| layered(black_box(&diagram), &Options::default())));
        let layout = layered(&diagram, &Options::default());
        group.bench_function("svg", |b| {
            b.iter(|| svg(&picture(black_box(&diagram), &layout), &SvgOptions::default()));
        });
        group.finish();
        phases(c, &name, &diagram);
    }
    phases(c, "made", &decoder(400));
}

/// The phases of the layout, each on its own clock.
fn phases(c: &mut Criterion, name: &str, diagram: &Diagram) {
    let mut group = c.benchmark_group(format!("{name}/layout"));
    for wanted in PHASES {
        group.bench_function(wanted, |b| {
            b.iter_custom(|rounds| (0..rounds).map(|_| time_of(diagram, wanted)).sum());
        });
    }
    group.finish();
}

fn time_of(diagram: &Diagram, wanted: &str) -> Duration {
    let (sum, last) = (RefCell::new(Duration::ZERO), RefCell::new(Instant::now()));
    black_box(layered_watched(diagram, &Options::default(), &|phase| {
        let now = Instant::now();
        let time = now - last.replace(now);
        if phase == wanted {
            *sum.borrow_mut() += time;
        }
    }));
    sum.into_inner()
}

fn models() -> Vec<(String, String)> {
    let own = std::env::var("MODELGRAM_BENCH").ok();
    let paths = match own {
        Some(path) => vec![path],
        None => ["squeezenet", "bert"]
            .map(|name| format!("{}/models/{name}.onnx", env!("CARGO_MANIFEST_DIR")))
            .to_vec(),
    };
    let stem = |path: &str| {
        std::path::Path::new(path).file_stem().unwrap_or_default().to_string_lossy().into_owned()
    };
    paths.into_iter().map(|path| (stem(&path), path)).collect()
}

fn open(path: &str) -> Model {
    modelgram::formats::open(path.as_ref()).expect("the model can be read")
}

/// So many layers of a decoder: two branches, each with its skip connection.
fn decoder(layers: usize) -> Diagram {
    let mut d = graphs::page();
    let mut last = graphs::add_box(&mut d, 80.0, 40.0);
    for _ in 0..layers {
        for branches in [3, 2] {
            let norm = graphs::add_box(&mut d, 90.0, 40.0);
            graphs::add_wire(&mut d, last, 0, norm);
            let ends: Vec<BoxId> = (0..branches)
                .map(|_| {
                    let matmul = graphs::add_box(&mut d, 100.0, 56.0);
                    graphs::add_wire(&mut d, norm, 0, matmul);
                    matmul
                })
                .collect();
            let join = graphs::add_box(&mut d, 90.0, 24.0);
            ends.iter().for_each(|&end| graphs::add_wire(&mut d, end, 0, join));
            let add = graphs::add_box(&mut d, 60.0, 24.0);
            graphs::add_wire(&mut d, join, 0, add);
            graphs::add_wire(&mut d, last, 0, add);
            last = add;
        }
    }
    assert!(d.boxes.iter().all(|b| b.size != Size::default()));
    d
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(300));
    targets = steps
}
criterion_main!(benches);
