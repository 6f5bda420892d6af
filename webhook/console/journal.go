package console

import (
	"slices"
	"strings"

	"bauta/webhook"
	"bauta/webhook/operate"
)

const (
	// journalLines is how many lines a page of the journal is made of.
	journalLines = 300
	// journalOverlap is how many more are read, and read again for the next page, so that
	// the two lines of an action are on one.
	journalOverlap = 50
)

// journalView is the page of what operators did.
type journalView struct {
	List []actionRow
	// Older: there is more than is shown; Before is the cursor of it, "" where it is of
	// several businesses.
	Older  bool
	Before string
	// Back: this is not the newest.
	Back bool
}

// actionRow is a line of it.
type actionRow struct {
	operate.Action

	// Tone of its outcome; Mine: this session's token did it; App as in holder.
	Tone, App string
	Mine      bool
}

func (c *Console) journal(v *visit) error {
	out := &journalView{}
	of, before := []string{c.chosen(v)}, v.r.FormValue("before")
	if of[0] == "" {
		// What concerned all, and what concerned each.
		of, before = append(of, c.Desk.Holders(v.actor)...), ""
	}
	out.Back = before != ""
	for _, business := range of {
		next, err := c.actions(v, business, before, out)
		if err != nil {
			return err
		}
		if out.Older = out.Older || next != ""; len(of) == 1 {
			out.Before = next
		}
	}
	slices.SortStableFunc(out.List, func(a, b actionRow) int { return b.At.Compare(a.At) })
	return c.render(v, "journal", 0, out)
}

// actions adds the last of one business, or those before a cursor, and returns the cursor
// of the next page, "" if this is the last one.
func (c *Console) actions(v *visit, business, before string, to *journalView) (next string, err error) {
	lines, cursor, err := c.Desk.LatestActions(v.ctx(), v.actor, business, operate.Page{After: before, Limit: journalLines})
	if err != nil {
		return "", err
	}
	if cursor != "" {
		more, last, err := c.Desk.LatestActions(v.ctx(), v.actor, business, operate.Page{After: cursor, Limit: journalOverlap})
		if err != nil {
			return "", err
		}
		if lines = append(lines, more...); last != "" {
			next = cursor
		}
	}
	tones := map[string]string{operate.Done: "ok", operate.Refused: "warn", operate.Failed: "bad"}
	var rows []actionRow
	for i, a := range slices.Backward(lines) {
		if before != "" && i < journalOverlap && a.Outcome == operate.Begun {
			continue // the page before has it, with its outcome or without
		}
		row := actionRow{Action: a, Tone: tones[a.Outcome], App: holderOf(a.Business).App, Mine: a.By == v.session.TokenID}
		if i := begun(rows, a); i >= 0 {
			row.At = rows[i].At
			rows[i] = row
			continue
		}
		rows = append(rows, row)
	}
	to.List = append(to.List, rows...)
	return next, nil
}

// begun finds the line that says that an action began whose outcome is known now; -1: it
// is not shown.
func begun(rows []actionRow, a operate.Action) int {
	if a.Outcome == operate.Begun {
		return -1
	}
	for i := len(rows) - 1; i >= 0; i-- {
		was := &rows[i].Action
		// The line of the outcome may say more of what it was done to.
		if was.Outcome == operate.Begun && was.By == a.By && was.Business == a.Business && was.What == a.What && strings.HasPrefix(a.On, was.On) {
			return i
		}
	}
	return -1
}

// Command tells that it was done by a command.
func (r *actionRow) Command() bool { return r.By == operate.Command }

// All tells that an action concerned all businesses.
func (r *actionRow) All() bool { return r.Business == webhook.AllBusinesses }
