package console

import (
	"slices"
	"strings"

	"bauta/webhook"
	"bauta/webhook/operate"
)

// How far the journal is read: its beginning is where a page of it begins.
const (
	journalPages = 40
	journalRows  = 200
)

// journalView is the page of what operators did.
type journalView struct {
	List []actionRow
	// Older: there is more than is shown.
	Older bool
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
	of := []string{c.chosen(v)}
	if of[0] == "" {
		// What concerned all, and what concerned each.
		of = append(of, c.Desk.Holders(v.actor)...)
	}
	for _, business := range of {
		if err := c.actions(v, business, out); err != nil {
			return err
		}
	}
	slices.SortStableFunc(out.List, func(a, b actionRow) int { return b.At.Compare(a.At) })
	if len(out.List) > journalRows {
		out.List, out.Older = out.List[:journalRows], true
	}
	return c.render(v, "journal", 0, out)
}

// actions adds the last of one business, the newest first.
func (c *Console) actions(v *visit, business string, to *journalView) error {
	tones := map[string]string{operate.Done: "ok", operate.Refused: "warn", operate.Failed: "bad"}
	var rows []actionRow
	after := ""
	for range journalPages {
		found, next, err := c.Desk.Actions(v.ctx(), v.actor, business, operate.Page{After: after, Limit: operate.MostPage})
		if err != nil {
			return err
		}
		for _, a := range found {
			row := actionRow{Action: a, Tone: tones[a.Outcome], App: holderOf(a.Business).App, Mine: a.By == v.session.TokenID}
			if i := begun(rows, a); i >= 0 {
				row.At = rows[i].At
				rows[i] = row
				continue
			}
			rows = append(rows, row)
		}
		if over := len(rows) - journalRows; over > 0 {
			rows, to.Older = slices.Delete(rows, 0, over), true
		}
		if after = next; after == "" {
			break
		}
	}
	slices.Reverse(rows)
	to.List = append(to.List, rows...)
	return nil
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
