//! What to say about a replacement that no `ignore_changes` can prevent.

use super::{
    hcl,
    template::{self, Template},
};
use crate::plan::{Replacement, ReplacementKind};

/// `None`: a patch can be tried.
pub(crate) fn advice(replacement: &Replacement, template: &Template) -> Option<String> {
    let words = match replacement.kind {
        ReplacementKind::Forced | ReplacementKind::Agent => return unpatchable(replacement, template),
        ReplacementKind::Rekeyed => {
            "Its key is made of something that a claim changes, and ignore_changes does not reach keys. Use a key that \
             stays, such as data.coder_workspace.me.id."
        }
        ReplacementKind::Triggered => {
            "Its replace_triggered_by names something that a claim changes, and ignore_changes does not reach that. \
             Name something else there, or keep the named resource from changing."
        }
        ReplacementKind::Tainted => {
            "An earlier build of this member left it tainted, so the next build makes it again whatever the template \
             says. Look for the error in that build's log; the next member may be clean."
        }
        ReplacementKind::Deleted => {
            "A claim takes it away: its count or for_each is made of something that a claim changes. Make it of \
             something that stays, unless only prebuilds should have it (then use prebuild_count)."
        }
    };
    Some(words.to_owned())
}

fn unpatchable(replacement: &Replacement, template: &Template) -> Option<String> {
    let block = replacement.block();
    let place = template::parts(&block);
    let found = place.and_then(|(module, kind, name)| {
        let module = template.module(&module)?;
        Some((module.own, module.block("resource", &[kind, name])?.1))
    });
    let Some((own, block)) = found else {
        let words = "Its block was not found in a file that Hearth can change (files in JSON are not changed). Add the \
                     forcing attribute to ignore_changes of its lifecycle by hand.";
        return Some(words.to_owned());
    };
    if !own {
        let words = "It is part of a module that comes from elsewhere, which this template cannot change. Give the \
                     module nothing that a claim changes, or use a copy of it.";
        return Some(words.to_owned());
    }
    let forcing = replacement.forcing();
    let written = |path: &str| {
        let top = hcl::steps(path).into_iter().next().unwrap_or_default();
        hcl::in_argument(block, &[top.as_str()]).is_some()
    };
    let computed: Vec<&str> =
        forcing.map(|change| change.path.as_str()).filter(|path| !written(path)).collect();
    (!computed.is_empty()).then(|| {
        format!(
            "The provider computes {} by itself: the template does not set it, so ignore_changes has nothing to \
             ignore. Set it, or change what the provider makes it of.",
            computed.join(", ")
        )
    })
}
