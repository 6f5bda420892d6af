package meta

// Stage is how far a status says that its message has come. The zero value is a
// status that says nothing of that: of a payment, or one that Bauta does not know.
type Stage uint8

// The stages of a message, in the order in which it goes through them
// (webhooks.md 2.2). A delivered may never come: a read implies it.
const (
	NoStage Stage = iota
	Sent
	Delivered
	Read
	Played
	// Failed comes after Sent, and is no step forward: it has no place in the order.
	Failed
)

// stageOf reads the word of a status.
func stageOf(status string) Stage {
	switch status {
	case "sent":
		return Sent
	case "delivered":
		return Delivered
	case "read":
		return Read
	case "played":
		return Played
	case "failed":
		return Failed
	}
	return NoStage
}

// Places of Dedupe's parts for a status, after field, business number and kind
// (fieldTable).
const (
	partScope = 1
	partID    = 3
	partType  = 4
	partWho   = 6
)

// Progress is the stage that a status tells of, and names the message (in a group: of
// one participant) by parts that the caller keys, as it does those of Dedupe. NoStage
// and nil for every other event.
func (e *Event) Progress() (Stage, []string) {
	if e.Kind != Status || e.Dedupe[partType] == "payment" {
		return NoStage, nil
	}
	stage := stageOf(e.Type)
	if stage == NoStage {
		return NoStage, nil
	}
	return stage, []string{e.Dedupe[partScope], e.Dedupe[partID], e.Dedupe[partWho]}
}

// Rank is the place of a stage among what is sent to an endpoint: whatever ranks below
// what was sent before is late news. always: it is none, whatever was sent. After a
// failure a sent is late, and a delivered is not: to a second device it may well be so.
func (s Stage) Rank() (rank int, always bool) {
	if s == Failed {
		return int(Delivered), true
	}
	return int(s), s == NoStage
}
