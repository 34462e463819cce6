//! Any model on one page: what the default pictures of well-known networks must have.
#![cfg(feature = "cli")]

mod common;

use std::path::Path;
use std::process::Command;

use common::models::unpacked;

/// A network, titles of frames and operators outside of frames that its page must have.
struct Page {
    model: &'static str,
    frames: &'static [&'static str],
    outside: &'static [&'static str],
}

const PAGES: &[Page] = &[
    Page {
        model: "fixtures/onnx/packed/llama126_dy.onnx.gz",
        frames: &[
            "layers.0 … layers.125 ×126 · LlamaDecoderLayer",
            "self_attn · LlamaAttention",
            "mlp · LlamaMLP",
            "norm · LlamaRMSNorm",
        ],
        outside: &["Gather", "MatMul"],
    },
    Page {
        model: "fixtures/onnx/packed/llama32_dy.onnx.gz",
        frames: &[
            "layers.0 … layers.31 ×32 · LlamaDecoderLayer",
            "self_attn · LlamaAttention",
            "mlp · LlamaMLP",
        ],
        outside: &["Gather", "MatMul"],
    },
    Page {
        model: "models/bert.onnx",
        frames: &["layer.0 … layer.11 ×12 · BertLayer", "attention · BertAttention"],
        outside: &[],
    },
    Page {
        model: "fixtures/onnx/packed/bert12_ts.onnx.gz",
        frames: &["embeddings", "layer.0 … layer.11 ×12", "attention", "intermediate", "output"],
        outside: &[],
    },
    Page {
        model: "fixtures/onnx/packed/vit_b_16_dy.onnx.gz",
        frames: &["encoder_layer_0 … encoder_layer_11 ×12 · EncoderBlock", "mlp · MLPBlock"],
        outside: &["Conv", "LayerNormalization", "Gemm"],
    },
    Page {
        model: "fixtures/onnx/real/vit_b_16_ts.onnx",
        frames: &["encoder_layer_0 … encoder_layer_11 ×12", "self_attention", "mlp"],
        outside: &["Conv", "LayerNormalization", "Gemm"],
    },
    Page {
        model: "fixtures/onnx/real/densenet121_ts.onnx",
        frames: &[
            "denseblock1",
            "transition1",
            "denseblock2",
            "transition2",
            "denseblock3",
            "transition3",
            "denseblock4",
        ],
        outside: &["Conv", "MaxPool", "Gemm"],
    },
    Page {
        model: "fixtures/onnx/packed/gpt2_dy.onnx.gz",
        frames: &["h.0 … h.11 ×12 · GPT2Block", "lm_head · Linear", "attn · GPT2Attention", "mlp · GPT2MLP"],
        outside: &["Gather"],
    },
    Page {
        model: "fixtures/onnx/packed/t5_ts.onnx.gz",
        frames: &["block.0", "block.1 … block.11 ×11", "final_layer_norm"],
        outside: &["Gather"],
    },
    Page {
        model: "fixtures/onnx/real/resnet50_dy.onnx",
        frames: &[
            "layer1.1 … layer1.2 ×2 · Bottleneck",
            "layer2.1 … layer2.3 ×3 · Bottleneck",
            "layer3.1 … layer3.5 ×5 · Bottleneck",
            "layer4.1 … layer4.2 ×2 · Bottleneck",
        ],
        outside: &["Conv", "MaxPool", "Gemm"],
    },
];

fn drawn(model: &Path, kind: &str) -> Vec<u8> {
    let run = Command::new(env!("CARGO_BIN_EXE_modelgram")).arg(model).args(["-T", kind]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    run.stdout
}

#[test]
fn every_network_fits_one_page_and_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for Page { model, frames, outside } in PAGES {
        let file = unpacked(model, folder.path());
        let page: serde_json::Value = serde_json::from_slice(&drawn(&file, "json")).unwrap();
        let nodes = page["nodes"].as_array().unwrap();
        let titles: Vec<&str> =
            page["frames"].as_array().unwrap().iter().map(|f| f["title"].as_str().unwrap()).collect();
        for title in *frames {
            assert!(titles.contains(title), "{model}: `{title}` is not among {titles:?}");
        }
        let alone = nodes.iter().filter(|n| n["frame"].is_null()).map(|n| n["op"].as_str().unwrap());
        let alone: Vec<&str> = alone.collect();
        for op in *outside {
            assert!(alone.contains(op), "{model}: no {op} among {alone:?}");
        }
        assert!(nodes.len() <= 90, "{model}: {} boxes", nodes.len());
        let ratio = page["height"].as_f64().unwrap() / page["width"].as_f64().unwrap();
        assert!((0.25..=4.0).contains(&ratio), "{model}: {ratio} times as high as wide");
        let svg = drawn(&file, "svg").len();
        // A line takes some bytes too, and a DenseNet has eight for each box.
        let lines = page["edges"].as_array().unwrap().len().saturating_sub(3 * nodes.len());
        assert!(svg < 150_000 && svg <= 500 * nodes.len() + 8_192 + 70 * lines, "{model}: {svg} bytes");
    }
}

/// Without a single name the 126 layers are found by what they are.
#[test]
fn structure_alone_tells_what_repeats() {
    let folder = tempfile::tempdir().unwrap();
    let model = unpacked("fixtures/onnx/packed/llama126_dy.onnx.gz", folder.path());
    let run = Command::new(env!("CARGO_BIN_EXE_modelgram"))
        .arg(model)
        .args(["-T", "json", "--rename", "s/.*/n/"])
        .output()
        .unwrap();
    let page: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let times: Vec<u64> =
        page["frames"].as_array().unwrap().iter().map(|f| f["times"].as_u64().unwrap()).collect();
    assert_eq!(times, [126]);
    assert!(page["nodes"].as_array().unwrap().len() <= 90);
}
