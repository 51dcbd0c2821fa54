//! Acts: one table says which keys each kind of act has.

use super::entry::Entry;
use crate::model::fact::Act;
use crate::model::id::{FieldId, ProcessorId, PurposeId};
use crate::model::word::{ActKind, Method, Section};

/// Something done with data. Defaults of the document have been laid under the entry.
pub fn act(entry: &mut Entry<'_, '_, '_>) -> Option<Act> {
    let id = entry.declare(Section::Events);
    let at = entry.instant_required("at");
    let kind = entry.word_required("act", ActKind::parse, ActKind::WORDS);
    let subjects = entry.references_required("subjects", false, Section::Subjects);
    let fields = entry.references_required("fields", false, Section::Fields);
    let safeguards = super::permissions::safeguards(entry);
    let Some(kind) = kind else {
        // Without the kind nobody knows which keys belong to it, but what they name must exist all the same.
        for key in ["from", "to", "by", "source"] {
            let _: Option<ProcessorId> = entry.reference(key, Section::Processors);
        }
        let _: Vec<FieldId> = entry.references("makes", false, Section::Fields);
        let _: Option<PurposeId> = entry.reference("purpose", Section::Purposes);
        entry.ignore_the_rest();
        return None;
    };
    let (actor, recipient, source) = parties(entry, kind);
    let purpose = match kind {
        ActKind::Store | ActKind::Correct | ActKind::Delete => entry.reference("purpose", Section::Purposes),
        ActKind::Collect
        | ActKind::Derive
        | ActKind::Use
        | ActKind::Share
        | ActKind::Verify
        | ActKind::Disclose
        | ActKind::Delegate
        | ActKind::Assign => entry.reference_required("purpose", Section::Purposes),
    };
    let is_derive = kind == ActKind::Derive;
    let (makes, method) = if is_derive {
        let makes = entry.references_required("makes", false, Section::Fields);
        (makes, entry.word("method", Method::parse, Method::WORDS))
    } else {
        (Vec::new(), None)
    };
    let location = if kind == ActKind::Store {
        let location = entry.shared_text("location");
        if location.is_none() {
            entry.missing("location", "add it: the country of the store");
        }
        location
    } else {
        None
    };
    if kind == ActKind::Assign {
        entry.info(&["ground"]);
    }
    let needs_recipient = match kind {
        ActKind::Share | ActKind::Verify | ActKind::Delegate | ActKind::Assign => true,
        ActKind::Collect
        | ActKind::Derive
        | ActKind::Use
        | ActKind::Store
        | ActKind::Disclose
        | ActKind::Correct
        | ActKind::Delete => false,
    };
    if needs_recipient && recipient.is_none() {
        return None;
    }
    Some(Act {
        id: id?,
        at: at?,
        kind,
        actor: actor?,
        recipient,
        source,
        subjects,
        fields,
        purpose,
        makes,
        method,
        location,
        safeguards,
    })
}

type Parties = (Option<ProcessorId>, Option<ProcessorId>, Option<ProcessorId>);

/// Actor, recipient and source, under the keys that this kind of act has for them.
fn parties(entry: &mut Entry<'_, '_, '_>, kind: ActKind) -> Parties {
    match kind {
        ActKind::Collect => {
            let actor = entry.reference_required("to", Section::Processors);
            let source = entry.reference("source", Section::Processors);
            (actor, None, source)
        }
        ActKind::Derive | ActKind::Use | ActKind::Store | ActKind::Correct | ActKind::Delete => {
            (entry.reference_required("by", Section::Processors), None, None)
        }
        ActKind::Share | ActKind::Verify | ActKind::Delegate | ActKind::Assign => {
            let actor = entry.reference_required("from", Section::Processors);
            (actor, entry.reference_required("to", Section::Processors), None)
        }
        ActKind::Disclose => {
            let actor = entry.reference_required("from", Section::Processors);
            (actor, entry.reference("to", Section::Processors), None)
        }
    }
}
