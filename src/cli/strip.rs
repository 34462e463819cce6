//! `modelgram strip`: a model without its weights, and with them again.

use serde_json::json;

use super::args::StripArgs;
use super::before_after::picture;
use super::proof::{Proof, prove};
use super::{files, open, print_findings};
use crate::edit::{StripOptions, recorded, strip};
use crate::error::{Error, ErrorKind, Result};
use crate::formats::{Saved, onnx, save_changes, save_proved};

/// Strips, or restores, and writes.
pub(super) fn run(args: &StripArgs) -> Result<()> {
    let output = files::target(&args.edit, &args.model)?;
    let model = open(&args.model)?;
    let mut verdict = String::new();
    let (saved, account): (Saved, String) = match &args.restore {
        Some(original) => {
            let source = open(original)?;
            let changes = onnx::restore(&model, &source)
                .map_err(|error| error.in_file(&original.display().to_string()))?;
            let count = changes.len();
            if count == 0 {
                let error = Error::new(ErrorKind::Usage, "no tensor of this model is stripped");
                return Err(error.in_file(&args.model.display().to_string()));
            }
            let saved = save_changes(&model, changes, output, args.edit.in_place, &mut |written| {
                verdict = prove((&source, original), written, &args.edit, Proof::Same)?;
                Ok(())
            })?;
            (
                saved,
                format!(
                    "{} have their content again, equal by SHA-256",
                    crate::view::counted(count, "tensor")
                ),
            )
        }
        None => {
            let mut edit = strip(&model, &StripOptions { min_bytes: args.min_bytes, all: args.all });
            let account = edit.account.join("\n");
            if !args.edit.no_record {
                let options = json!({"min_bytes": args.min_bytes, "all": args.all});
                edit = recorded(edit, &model, "strip", options);
            }
            let saved = save_proved(&model, &edit, output, args.edit.in_place, &mut |written| {
                verdict = prove((&model, &args.model), written, &args.edit, Proof::Stripped)?;
                Ok(())
            })?;
            if let Some(path) = &args.edit.picture {
                picture(&model, &edit, path)?;
            }
            (saved, account)
        }
    };
    if args.edit.report == super::args::Report::Json {
        let report = json!({"account": account, "bytes": saved.bytes, "external": saved.external});
        files::to_stdout(format!("{report}\n").as_bytes())?;
    } else {
        eprintln!("{account}");
        eprint!("{verdict}");
    }
    print_findings(&saved.findings, false);
    Ok(())
}
