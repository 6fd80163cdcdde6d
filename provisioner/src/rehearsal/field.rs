//! What a claim changes, as templates see it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::provider::ProviderData;

/// One thing that a claim changes and a template can read. Keys and tokens of the owner are not here: they are empty
/// before a claim and after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    OwnerName,
    OwnerFullName,
    OwnerEmail,
    OwnerId,
    OwnerGroups,
    OwnerLoginType,
    WorkspaceName,
    /// `is_prebuild`, `prebuild_count` and `is_prebuild_claim` change together by what they mean.
    Prebuild,
}

impl Field {
    pub const ALL: [Self; 8] = [
        Self::OwnerName,
        Self::OwnerFullName,
        Self::OwnerEmail,
        Self::OwnerId,
        Self::OwnerGroups,
        Self::OwnerLoginType,
        Self::WorkspaceName,
        Self::Prebuild,
    ];

    /// The type of the data source that gives it.
    pub(crate) fn data_source(self) -> &'static str {
        match self {
            Self::WorkspaceName | Self::Prebuild => "coder_workspace",
            _ => "coder_workspace_owner",
        }
    }

    /// Its attributes there.
    pub(crate) fn attributes(self) -> &'static [&'static str] {
        match self {
            Self::OwnerName | Self::WorkspaceName => &["name"],
            Self::OwnerFullName => &["full_name"],
            Self::OwnerEmail => &["email"],
            Self::OwnerId => &["id"],
            Self::OwnerGroups => &["groups"],
            Self::OwnerLoginType => &["login_type"],
            Self::Prebuild => &["is_prebuild", "prebuild_count", "is_prebuild_claim"],
        }
    }

    /// How people call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::OwnerName => "the owner's name",
            Self::OwnerFullName => "the owner's full name",
            Self::OwnerEmail => "the owner's email",
            Self::OwnerId => "the owner's id",
            Self::OwnerGroups => "the owner's groups",
            Self::OwnerLoginType => "the owner's login type",
            Self::WorkspaceName => "the workspace's name",
            Self::Prebuild => "whether it is a prebuild",
        }
    }

    pub(crate) fn differs(self, one: &ProviderData, other: &ProviderData) -> bool {
        self.value(one) != self.value(other)
    }

    fn value(self, data: &ProviderData) -> Value {
        match self {
            Self::OwnerName => json!(data.owner.username),
            Self::OwnerFullName => json!(data.owner.full_name),
            Self::OwnerEmail => json!(data.owner.email),
            Self::OwnerId => json!(data.owner.id),
            Self::OwnerGroups => json!(data.owner.groups),
            Self::OwnerLoginType => json!(data.owner.login_type),
            Self::WorkspaceName => json!(data.workspace.name),
            Self::Prebuild => json!([data.is_prebuild, data.is_prebuild_claim]),
        }
    }

    /// Takes this field over from `from`.
    pub(crate) fn copy(self, from: &ProviderData, to: &mut ProviderData) {
        match self {
            Self::OwnerName => to.owner.username.clone_from(&from.owner.username),
            Self::OwnerFullName => to.owner.full_name.clone_from(&from.owner.full_name),
            Self::OwnerEmail => to.owner.email.clone_from(&from.owner.email),
            Self::OwnerId => to.owner.id = from.owner.id,
            Self::OwnerGroups => to.owner.groups.clone_from(&from.owner.groups),
            Self::OwnerLoginType => to.owner.login_type.clone_from(&from.owner.login_type),
            Self::WorkspaceName => to.workspace.name.clone_from(&from.workspace.name),
            Self::Prebuild => {
                (to.is_prebuild, to.is_prebuild_claim) = (from.is_prebuild, from.is_prebuild_claim);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copying_a_field_makes_it_and_only_it_the_same() {
        let member = ProviderData { is_prebuild: true, ..ProviderData::default() };
        let mut claim = ProviderData { is_prebuild_claim: true, ..ProviderData::default() };
        claim.owner.id = uuid::Uuid::new_v4();
        claim.workspace.name = "w".to_owned();
        for text in [
            &mut claim.owner.username,
            &mut claim.owner.full_name,
            &mut claim.owner.email,
            &mut claim.owner.login_type,
        ] {
            *text = "x".to_owned();
        }
        claim.owner.groups = vec!["g".to_owned()];
        for field in Field::ALL {
            let mut data = member.clone();
            field.copy(&claim, &mut data);
            for other in Field::ALL {
                assert_eq!(other.differs(&data, &claim), other != field);
            }
        }
    }
}
