package meta

// field is one row of the field table.
type field struct {
	name    string
	aliases []string // other spellings that the platform uses
	value   string   // the shape of value
	events  []source // where the events stand; none for account-level fields
	// business is the member of value with the business's own number and its
	// id; empty means metadata.
	business         string
	account, unknown bool
}

// source says which array of a value holds events, and where in each what is
// read. A path is relative to the event; "^" begins at the object around it (the
// group of a participant, the chunk of a thread); "a|b" takes the first present.
type source struct {
	in     string // the member of value around the array; empty: value itself
	array  string // empty: the value itself is the event
	nested string // the events are the elements of this array in each element
	move   Move   // of the participants in nested
	kind   Kind
	typ    string // path of Event.Type
	at     string // path of the timestamp; empty: timestamp
	group  string // path of the group id
	// groupIf is the path of the recipient's type, where group may hold a person.
	groupIf string
	who     []party // the customer is the first of these that is not the business
	// id is the path of the message or call id: part of the dedupe id, and the
	// last place where the customer may be named.
	id string
	// inbound: the event is a message that its sender may just have written
	// (message types say more); not so for old messages of a history.
	inbound bool
	// dedupe are the parts of the dedupe id beside field, business number and
	// kind: paths, and columnID, columnPerson or columnBytes.
	dedupe []string
}

// The columns of a dedupe id that are no paths.
const (
	columnID     = "@id"     // canonical message id: stanza, direction, group
	columnPerson = "@person" // the subject
	columnBytes  = "@bytes"  // hash of the event's own bytes
	// columnParticipant is the person a group status is about. Direct statuses
	// have none, so that phone and user-id forms of one status stay one event.
	columnParticipant = "@participant"
)

// party is where a person's number, user id and parent id stand.
type party struct{ number, userID, parent string }

// fieldTable is webhooks.md section 2: every field and its events. Timestamps
// are part of dedupe ids: the platform repeats an event byte for byte, so a
// status (or a second edit) with another timestamp is another event.
func fieldTable() []field {
	message := source{
		array: "messages", kind: Message, typ: "type", group: "group_id", id: "id",
		who: senders(), inbound: true, dedupe: []string{columnID, "type", "timestamp"},
	}
	echo := source{
		array: "message_echoes", kind: Echo, typ: "type", group: "group_id", id: "id",
		who: receivers(), dedupe: []string{columnID, "type", "timestamp"},
	}
	status := source{
		array: "statuses", kind: Status, typ: "status", id: "id", who: recipients(),
		group: "recipient_id", groupIf: "recipient_type",
		dedupe: []string{columnID, "type", "status", columnParticipant, "timestamp"},
	}
	// An error has no id and no time: an equal one within the dedupe period
	// cannot be told from a redelivery.
	problem := source{array: "errors", kind: Problem, typ: "code", dedupe: []string{columnBytes}}
	return append([]field{
		{name: "messages", value: "messages", events: []source{
			message, status, problem,
			{array: "user_actions", kind: UserAction, typ: "action_type", dedupe: []string{columnBytes}},
		}},
		{
			name: "smb_message_echoes", aliases: []string{"message_echoes"}, value: "messages",
			events: []source{echo, problem},
		},
		{name: "history", value: "history", events: []source{
			{array: "history", nested: "threads", kind: Thread, who: threads(), dedupe: []string{"^metadata.phase", columnBytes}},
			{array: "history", nested: "errors", kind: Problem, typ: "code", dedupe: []string{"^metadata.phase", columnBytes}},
			{array: "history", kind: Thread, dedupe: []string{columnBytes}}, // progress and nothing else
			old(message), echo, problem,
		}},
		{name: "smb_app_state_sync", value: "state_sync", events: []source{
			{
				array: "state_sync", kind: StateSync, typ: "action", at: "metadata.timestamp",
				who: []party{{"contact.phone_number", "contact.user_id", "contact.parent_user_id"}}, dedupe: []string{columnBytes},
			},
		}},
		{name: "calls", value: "calls", events: []source{
			{array: "calls", kind: Call, typ: "event", id: "id", who: senders(), dedupe: []string{columnID, "event", "timestamp"}},
			callStatus(status), problem,
		}},
		{name: "standby", value: "standby", events: []source{
			within("standby", message), within("standby", status),
			{
				in: "standby", array: "message_echoes", kind: Echo, typ: "message.type", id: "id",
				group: "message.to", groupIf: "message.recipient_type",
				who: []party{{"message.to", "message.recipient", ""}}, dedupe: []string{columnID, "timestamp"},
			},
			problem,
		}},
	}, append(smallFields(), accountFields()...)...)
}

// smallFields are the user-facing fields with one kind of event each.
func smallFields() []field {
	groups := source{
		array: "groups", kind: GroupEvent, typ: "type", group: "group_id",
		dedupe: []string{"group_id", "type", "timestamp", "request_id", columnBytes},
	}
	direct := []party{{"wa_id|input", "user_id", "parent_user_id"}}
	participant := func(nested string, move Move) source {
		return source{
			array: "groups", nested: nested, move: move, kind: Participant, typ: "^type", at: "^timestamp", group: "^group_id",
			who: direct, dedupe: []string{"^group_id", "^type", "^timestamp", columnPerson, columnBytes},
		}
	}
	return []field{
		{name: "group_lifecycle_update", value: "groups", events: []source{groups}},
		{name: "group_settings_update", value: "groups", events: []source{groups}},
		{name: "group_status_update", value: "groups", events: []source{groups}},
		{name: "group_participants_update", aliases: []string{"group_participant_update"}, value: "groups", events: []source{
			participant("added_participants", Joined), participant("removed_participants", Left), participant("failed_participants", NoMove),
			{
				array: "groups", kind: Participant, typ: "type", group: "group_id", who: direct,
				dedupe: []string{"group_id", "type", "timestamp", "join_request_id|request_id", columnPerson},
			},
		}},
		{name: "user_preferences", value: "user_preferences", events: []source{
			{
				array: "user_preferences", kind: Preference, typ: "value", who: direct,
				dedupe: []string{"category", "value", "timestamp", columnPerson},
			},
		}},
		{name: "user_id_update", value: "user_id_update", events: []source{
			{array: "user_id_update", kind: IDUpdate, dedupe: []string{"timestamp", columnPerson, columnBytes}},
		}},
		{name: "messaging_handovers", value: "handovers", business: "recipient", events: []source{
			{
				kind: Handover, typ: "type", who: []party{{"sender.phone_number", "sender.user_id", "sender.parent_user_id"}},
				dedupe: []string{"type", "timestamp", columnPerson, columnBytes},
			},
		}},
		{name: "automatic_events", value: "automatic_events", events: []source{
			{
				array: "automatic_events", kind: AutoEvent, typ: "event_name", id: "id",
				dedupe: []string{columnID, "event_name", "timestamp"},
			},
		}},
	}
}

func senders() []party {
	return []party{{"from", "from_user_id", "from_parent_user_id"}, {"to", "to_user_id", "to_parent_user_id"}}
}

func receivers() []party {
	return []party{{"to", "to_user_id", "to_parent_user_id"}, {"from", "from_user_id", "from_parent_user_id"}}
}

// recipients are the spellings of sections 2.0 and 2.2. In a group status
// recipient_id is the group.
func recipients() []party {
	return []party{
		{"recipient_participant_id|participant_recipient_id", "recipient_participant_user_id", "recipient_participant_parent_user_id"},
		{"recipient_id", "recipient_user_id", "recipient_parent_user_id|parent_recipient_user_id"},
		{"message.recipient_id", "message.recipient_user_id", ""},
	}
}

func threads() []party {
	return []party{{"context.wa_id|id", "context.user_id", "context.parent_user_id"}}
}

// old is a message that the customer wrote before Bauta could decide on it.
func old(s source) source {
	s.inbound = false
	return s
}

func within(in string, s source) source {
	s.in = in
	return s
}

func callStatus(s source) source {
	s.kind = CallStatus
	return s
}

// accountFields are those of section 2.19: one event a change, no customer. The
// platform gives them an entry[].time, which tells repetitions apart.
func accountFields() []field {
	account := func(name string, aliases ...string) field {
		return field{name: name, aliases: aliases, value: "account", account: true, events: []source{
			{kind: Account, typ: "event|decision|type|status", dedupe: []string{columnBytes}},
		}}
	}
	return []field{
		account("account_alerts"),
		account("account_review_update"),
		account("account_settings_update"),
		account("account_update"),
		account("business_capability_update"),
		account("business_username_updates", "business_username_update"),
		account("flows"),
		account("message_template_components_update"),
		account("message_template_quality_update"),
		account("message_template_status_update"),
		account("partner_solutions"),
		account("payment_configuration_update"),
		account("phone_number_name_update"),
		account("phone_number_quality_update"),
		account("security"),
		account("template_category_update"),
		account("template_correct_category_detection"),
	}
}
