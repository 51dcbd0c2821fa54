//! Which identifiers a document declares and which it uses.
//!
//! A document may use an identifier before it declares it, and a store may know it already, so references are
//! settled when the whole document has been read.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::node::Mark;
use crate::model::alike::nearest;
use crate::model::word::Section;

/// So many references are compared with what is declared; the others may be known to a store.
const SUGGESTED_MAX: usize = 8;
/// And with no more identifiers than these.
const IDS_MAX: usize = 10_000;

/// The use of an identifier that the document itself does not declare.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Where it should be declared.
    pub section: Section,
    /// Another section that may declare it instead.
    pub or: Option<Section>,
    /// The identifier.
    pub id: Arc<str>,
    /// Where it is used.
    pub mark: Mark,
    /// What the document declares there and is spelled much like it.
    pub meant: Option<Arc<str>>,
}

impl Reference {
    /// The sections of which one has to declare it.
    pub fn sections(&self) -> impl Iterator<Item = Section> + use<> {
        std::iter::once(self.section).chain(self.or)
    }
}

/// Identifiers declared and used.
#[derive(Debug, Default)]
pub struct References {
    declared: FxHashMap<Section, FxHashMap<Arc<str>, Mark>>,
    open: Vec<Reference>,
    texts: FxHashMap<Arc<str>, usize>,
    /// The one copy of each text, in the order of first use.
    shared: Vec<Shared>,
    /// Only what is new is kept: see [`References::of_a_piece`].
    of_a_piece: bool,
}

/// The one copy of a text.
#[derive(Debug)]
struct Shared {
    text: Arc<str>,
    /// Bit i: it was used as an identifier of section i.
    used: u32,
}

impl References {
    /// References of one piece of a document: nobody knows yet what other pieces declare. Every identifier that is used
    /// is open, once a section, with the place where it is first used; declarations are not compared.
    pub fn of_a_piece() -> Self {
        Self {
            of_a_piece: true,
            ..Self::default()
        }
    }

    /// Declares an identifier; gives the place of an earlier declaration.
    pub fn declare(&mut self, section: Section, id: Arc<str>, mark: Mark) -> Option<Mark> {
        if self.of_a_piece {
            return None;
        }
        let ids = self.declared.entry(section).or_default();
        if let Some(first) = ids.get(&id) {
            return Some(*first);
        }
        ids.insert(id, mark);
        None
    }

    /// Uses an identifier; equal ones share their text.
    pub fn refer(&mut self, section: Section, or: Option<Section>, id: &str, mark: Mark) -> Arc<str> {
        if self.of_a_piece {
            let shared = self.shared(id);
            let bit = 1 << (section as u32);
            let text = Arc::clone(&shared.text);
            if shared.used & bit == 0 {
                shared.used |= bit;
                self.open.push(Reference {
                    section,
                    or,
                    id: Arc::clone(&text),
                    mark,
                    meant: None,
                });
            }
            return text;
        }
        for section in std::iter::once(section).chain(or) {
            if let Some((id, _)) = self.declared.get(&section).and_then(|ids| ids.get_key_value(id)) {
                return Arc::clone(id);
            }
        }
        let id = self.share(id);
        self.open.push(Reference {
            section,
            or,
            id: Arc::clone(&id),
            mark,
            meant: None,
        });
        id
    }

    /// Where the section declares an identifier.
    pub fn declared(&self, section: Section, id: &str) -> Option<Mark> {
        self.declared.get(&section)?.get(id).copied()
    }

    /// The one copy of a text that is used often.
    pub fn share(&mut self, text: &str) -> Arc<str> {
        Arc::clone(&self.shared(text).text)
    }

    fn shared(&mut self, text: &str) -> &mut Shared {
        let at = self.texts.get(text).copied().unwrap_or_else(|| {
            let one: Arc<str> = text.into();
            self.texts.insert(Arc::clone(&one), self.shared.len());
            self.shared.push(Shared { text: one, used: 0 });
            self.shared.len() - 1
        });
        &mut self.shared[at]
    }

    /// The references that the document does not declare anywhere, in the order of their use; the first few with what may
    /// have been meant.
    pub fn into_open(mut self) -> Vec<Reference> {
        let declared = &self.declared;
        self.open.retain(|reference| {
            !std::iter::once(reference.section)
                .chain(reference.or)
                .any(|section| {
                    declared
                        .get(&section)
                        .is_some_and(|ids| ids.contains_key(&reference.id))
                })
        });
        for reference in self.open.iter_mut().take(SUGGESTED_MAX) {
            let sections = reference.sections().filter_map(|section| declared.get(&section));
            let ids: Vec<&str> = sections
                .flat_map(FxHashMap::keys)
                .map(|id| &**id)
                .take(IDS_MAX + 1)
                .collect();
            if ids.len() <= IDS_MAX {
                reference.meant = nearest(&reference.id, ids).map(Arc::from);
            }
        }
        self.open
    }
}
