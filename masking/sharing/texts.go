package sharing

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

// Texts are Bauta's texts in every language it has. Read-only and safe for
// concurrent use; build it with NewTexts.
type Texts struct{}

// Words are those that act when they are the whole message.
type Words struct {
	Share, Withdraw, Show, Erase []string
}
