//! `modelgram strip`: a model without its weights, and with them again.

use serde_json::json;

use super::args::StripArgs;
use super::proof::{Proof, prove, save};
use super::{files, open, print_findings};
use crate::edit::{StripOptions, recorded, strip};
use crate::error::{Error, ErrorKind, Result};
use crate::formats::{Saved, onnx, save_changes};

/// Strips, or restores, and writes.
pub(super) fn run(args: &StripArgs) -> Result<()> {
    let output = files::target(&args.edit, &args.model)?;
    let model = open(&args.model)?;
    let (saved, verdict, account): (Saved, String, String) = match &args.restore {
        Some(original) => {
            let source = open(original)?;
            let changes = onnx::restore(&model, &source)
                .map_err(|error| error.in_file(&original.display().to_string()))?;
            let count = changes.len();
            if count == 0 {
                let error = Error::new(ErrorKind::Usage, "no tensor of this model is stripped");
                return Err(error.in_file(&args.model.display().to_string()));
            }
            let mut verdict = String::new();
            let saved = save_changes(&model, changes, output, args.edit.in_place, &mut |written| {
                verdict = prove((&source, original), written, &args.edit, Proof::Same)?;
                Ok(())
            })?;
            let restored = crate::text::counted(count, "tensor");
            (saved, verdict, format!("{restored} have their content again, equal by SHA-256"))
        }
        None => {
            let mut edit = strip(&model, &StripOptions { min_bytes: args.min_bytes, all: args.all });
            let account = edit.account.join("\n");
            if !args.edit.no_record {
                let options = json!({"min_bytes": args.min_bytes, "all": args.all});
                edit = recorded(edit, &model, "strip", options);
            }
            let (saved, verdict) = save((&model, &args.model), &edit, output, &args.edit, Proof::Stripped)?;
            (saved, verdict, account)
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
