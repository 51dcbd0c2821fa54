//! Texts that come again and again in records: the names of processors, fields, purposes and files.

use std::cell::RefCell;
use std::hash::{BuildHasher as _, BuildHasherDefault};
use std::sync::Arc;

use rustc_hash::FxHasher;

/// So many texts are remembered by each thread.
const SLOTS: usize = 4096;
/// Longer texts are not.
const LEN_MAX: usize = 64;

thread_local! {
    /// Each text has one slot, which holds the last one that came there.
    static LAST: RefCell<Vec<Option<Arc<str>>>> = const { RefCell::new(Vec::new()) };
}

/// The text, in one allocation with the same text that came before, mostly. Of a million acts that are read nearly all
/// names are of a few processors, fields and purposes.
pub(super) fn shared<T: From<Arc<str>>>(text: &str) -> T {
    if text.len() > LEN_MAX {
        return Arc::<str>::from(text).into();
    }
    let hash = BuildHasherDefault::<FxHasher>::default().hash_one(text);
    let slot = usize::try_from(hash).unwrap_or(usize::MAX) % SLOTS;
    LAST.with_borrow_mut(|slots| {
        if slots.is_empty() {
            slots.resize(SLOTS, None);
        }
        let last = &mut slots[slot];
        match last {
            Some(known) if **known == *text => Arc::clone(known),
            _ => Arc::clone(last.insert(Arc::from(text))),
        }
    })
    .into()
}
