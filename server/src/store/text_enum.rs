//! Enums that the database keeps as one word of text.

/// `text_enum! { /// doc \n Name in "table.column" { Variant = "word", ... } }`
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident in $table:literal . $column:literal { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($variant),+
        }

        impl $name {
            /// The word in the database and in JSON.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::store::Error;

            fn try_from(word: String) -> Result<Self, Self::Error> {
                match word.as_str() {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::store::Error::Corrupt { table: $table, column: $column, value: word }),
                }
            }
        }
    };
}

pub(crate) use text_enum;
