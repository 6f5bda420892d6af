package sharing

import (
	"slices"
	"strings"
)

// TextName names one of Bauta's texts to customers; it is a key in
// sharing.texts.
type TextName string

// The texts. Those of questions are bodies of at most 1024 characters, those of
// buttons of at most 20. {business} and {group} are filled in.
const (
	TextQuestion      TextName = "question"
	TextGroupQuestion TextName = "group_question"
	TextShareButton   TextName = "share_button"
	TextDeclineButton TextName = "decline_button"
	// TextNative is the body of the platform's own request.
	TextNative TextName = "native_question"
	// TextShared and TextGroupShared confirm; TextWithdrawButton is their button.
	TextShared         TextName = "shared"
	TextGroupShared    TextName = "group_shared"
	TextWithdrawButton TextName = "withdraw_button"
	// TextDeclined answers a decline; TextWithdrawn a withdrawal.
	TextDeclined       TextName = "declined"
	TextWithdrawn      TextName = "withdrawn"
	TextGroupWithdrawn TextName = "group_withdrawn"
	// TextVoid answers a button without effect.
	TextVoid TextName = "void"
	// TextNotShared and TextIsShared say, for a scope, what the business sees.
	TextIsShared       TextName = "is_shared"
	TextNotShared      TextName = "not_shared"
	TextGroupIsShared  TextName = "group_is_shared"
	TextGroupNotShared TextName = "group_not_shared"
	// TextErased is the last that a customer hears.
	TextErased TextName = "erased"
)

// The limits of the platform and of names, in characters.
const (
	MaxBody     = 1024
	MaxTitle    = 20
	MaxBusiness = 60
	MaxGroup    = 100
)

// Versions of texts in the consent ledger. A built-in text that changes gets the next
// number.
const (
	versionBuiltIn = "1"
	versionOwn     = "own"
)

// textNames is every name, in the order of faults.
func textNames() []TextName {
	return []TextName{
		TextQuestion, TextGroupQuestion, TextShareButton, TextDeclineButton, TextNative,
		TextShared, TextGroupShared, TextWithdrawButton, TextDeclined, TextWithdrawn, TextGroupWithdrawn,
		TextVoid, TextIsShared, TextNotShared, TextGroupIsShared, TextGroupNotShared, TextErased,
	}
}

const groupPrefix = "group_"

// forGroup tells a text that is about a group, and may name it.
func (n TextName) forGroup() bool { return strings.HasPrefix(string(n), groupPrefix) }

// button tells the title of a button.
func (n TextName) button() bool { return strings.HasSuffix(string(n), "_button") }

// names are the placeholders that the text cannot do without: a question says who asks,
// and no text about a group may read as one about the direct chat.
func (n TextName) names() []string {
	var out []string
	if n == TextQuestion || n == TextGroupQuestion || n == TextNative {
		out = append(out, "{business}")
	}
	if n.forGroup() {
		out = append(out, "{group}")
	}
	return out
}

// limit is how long it may be.
func (n TextName) limit() int {
	if n.button() {
		return MaxTitle
	}
	return MaxBody
}

// about is the text of the same meaning for a group, if there is one of its own and
// it is about a group.
func (n TextName) about(p Params) TextName {
	if own := groupPrefix + n; p.Group != "" && slices.Contains(textNames(), own) {
		return own
	}
	return n
}
