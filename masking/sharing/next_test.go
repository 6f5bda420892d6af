package sharing_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"bauta/masking/sharing"
)

// machine is issue 4's rules written out by hand: a row for each input, and for each
// answer of the setting that it depends on ("+" on, "-" off); a column for each state
// that it meets. A cell is the next state and the effect; a dot is: the state stays,
// Nothing; an x: the state stays, Refuse.
const machine = `
input               settings                Unasked          Waiting          Asked            Expired          Declined         Shared            Withdrawn
AskItself           -AskItself              .                Asked/Ask        .                .                .                .                 .
AskItself           +AskItself-MayAskAgain  Asked/Ask        Asked/Ask        .                .                .                .                 .
AskItself           +AskItself+MayAskAgain  Asked/Ask        Asked/Ask        .                .                Asked/Ask        .                 Asked/Ask
AskForBusiness      any                     Asked/Ask        Asked/Ask        .                Asked/Ask        Asked/Ask        .                 Asked/Ask
NotAskable          any                     .                .                Waiting/Wait     .                .                .                 .
Undeliverable       any                     .                .                Expired/Note     .                .                .                 .
TimeUp              any                     .                Expired/Note     Expired/Note     .                .                .                 .
ShareTap            any                     x                x                Shared/Disclose  x                x                x                 x
DeclineTap          any                     x                x                Declined/Note    x                x                x                 x
WithdrawTap         any                     x                x                x                x                x                Withdrawn/Hide    x
PlatformAnswer      any                     x                x                Shared/Disclose  x                x                x                 x
OwnCard             -OwnCardShares          .                .                .                .                .                .                 .
OwnCard             +OwnCardShares          Shared/Disclose  Shared/Disclose  Shared/Disclose  Shared/Disclose  Shared/Disclose  .                 Shared/Disclose
ShareWord           any                     Shared/Disclose  Shared/Disclose  Shared/Disclose  Shared/Disclose  Shared/Disclose  .                 Shared/Disclose
WithdrawWord        any                     .                .                .                .                .                Withdrawn/Hide    .
WithdrawForCustomer any                     .                .                .                .                .                Withdrawn/Hide    .
NumberChanged       -ShareNewNumber         .                .                .                .                .                Asked/HideAndAsk  .
NumberChanged       +ShareNewNumber         .                .                .                .                .                Shared/Renew      .
Leave               any                     .                Unasked/Note     Unasked/Note     Unasked/Note     Unasked/Note     Unasked/Hide      Unasked/Note
`

func stateNames() map[string]sharing.State {
	return map[string]sharing.State{
		"Unasked": sharing.Unasked, "Waiting": sharing.Waiting, "Asked": sharing.Asked, "Expired": sharing.Expired,
		"Declined": sharing.Declined, "Shared": sharing.Shared, "Withdrawn": sharing.Withdrawn,
	}
}

func inputNames() map[string]sharing.Input {
	return map[string]sharing.Input{
		"AskItself": sharing.AskItself, "AskForBusiness": sharing.AskForBusiness, "NotAskable": sharing.NotAskable,
		"Undeliverable": sharing.Undeliverable, "TimeUp": sharing.TimeUp, "ShareTap": sharing.ShareTap,
		"DeclineTap": sharing.DeclineTap, "WithdrawTap": sharing.WithdrawTap, "PlatformAnswer": sharing.PlatformAnswer,
		"OwnCard": sharing.OwnCard, "ShareWord": sharing.ShareWord, "WithdrawWord": sharing.WithdrawWord,
		"WithdrawForCustomer": sharing.WithdrawForCustomer, "NumberChanged": sharing.NumberChanged, "Leave": sharing.Leave,
	}
}

func effectNames() map[string]sharing.Effect {
	return map[string]sharing.Effect{
		"Ask": sharing.Ask, "Wait": sharing.Wait, "Note": sharing.Note, "Disclose": sharing.Disclose,
		"Hide": sharing.Hide, "HideAndAsk": sharing.HideAndAsk, "Renew": sharing.Renew,
	}
}

// policies are all settings, by the list of them, such as "+AskItself-MayAskAgain-OwnCardShares-ShareNewNumber".
func policies() map[string]sharing.Policy {
	all := make(map[string]sharing.Policy)
	for bits := range 16 {
		p := sharing.Policy{AskItself: bits&1 != 0, MayAskAgain: bits&2 != 0, OwnCardShares: bits&4 != 0, ShareNewNumber: bits&8 != 0}
		sign := map[bool]string{false: "-", true: "+"}
		name := sign[p.AskItself] + "AskItself" + sign[p.MayAskAgain] + "MayAskAgain" +
			sign[p.OwnCardShares] + "OwnCardShares" + sign[p.ShareNewNumber] + "ShareNewNumber"
		all[name] = p
	}
	return all
}

// wanted reads the machine: "input settings state" for every one of them.
func wanted(t *testing.T) map[string]sharing.Step {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(machine), "\n")
	columns := strings.Fields(lines[0])[2:]
	want := make(map[string]sharing.Step)
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		for policy := range policies() {
			if cells[1] != "any" && !strings.Contains(policy, cells[1]) {
				continue
			}
			for i, cell := range cells[2:] {
				name := fmt.Sprint(cells[0], " ", policy, " ", columns[i])
				if _, twice := want[name]; twice {
					t.Fatalf("two rows speak of %s", name)
				}
				want[name] = step(t, stateNames()[columns[i]], cell)
			}
		}
	}
	return want
}

func step(t *testing.T, from sharing.State, cell string) sharing.Step {
	t.Helper()
	switch cell {
	case ".":
		return sharing.Step{Next: from, Effect: sharing.Nothing}
	case "x":
		return sharing.Step{Next: from, Effect: sharing.Refuse}
	}
	next, effect, _ := strings.Cut(cell, "/")
	to, ok := stateNames()[next]
	what, known := effectNames()[effect]
	if !ok || !known {
		t.Fatalf("%q is no cell", cell)
	}
	return sharing.Step{Next: to, Effect: what}
}

func TestEveryStateEveryInputEverySettingHasAnOutcome(t *testing.T) {
	t.Parallel()
	want := wanted(t)
	for input, in := range inputNames() {
		for policy, p := range policies() {
			for state, s := range stateNames() {
				name := fmt.Sprint(input, " ", policy, " ", state)
				step, ok := want[name]
				if got := sharing.Next(s, in, p); !ok || got != step {
					t.Errorf("%s: %v, want %v (in the table: %v)", name, got, step, ok)
				}
				delete(want, name)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("nothing was tried of %q", slices.Sorted(maps.Keys(want)))
	}
}

// Promise 2: only the customer lifts the mask.
func TestOnlyTheCustomersOwnActLeadsToShared(t *testing.T) {
	t.Parallel()
	acts := []sharing.Input{sharing.ShareTap, sharing.PlatformAnswer, sharing.OwnCard, sharing.ShareWord}
	for in := range 256 {
		for s := range 256 {
			for policy, p := range policies() {
				state, input := sharing.State(s), sharing.Input(in)
				got := sharing.Next(state, input, p)
				shows := got.Next == sharing.Shared && state != sharing.Shared || got.Effect == sharing.Disclose
				if shows && !slices.Contains(acts, input) {
					t.Errorf("input %d in state %v with %s: %v", in, state, policy, got)
				}
				if got.Effect == sharing.Renew && (state != sharing.Shared || !p.ShareNewNumber || input != sharing.NumberChanged) {
					t.Errorf("input %d in state %v with %s renews", in, state, policy)
				}
			}
		}
	}
}

func TestWhatNobodyKnowsIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	for policy, p := range policies() {
		for unknown := 15; unknown < 256; unknown++ {
			for _, s := range stateNames() {
				if got, want := sharing.Next(s, sharing.Input(unknown), p), (sharing.Step{Next: s, Effect: sharing.Refuse}); got != want {
					t.Errorf("input %d in state %v with %s: %v, want %v", unknown, s, policy, got, want)
				}
			}
		}
		for unknown := 7; unknown < 256; unknown++ {
			s := sharing.State(unknown)
			for input, in := range inputNames() {
				if got, want := sharing.Next(s, in, p), (sharing.Step{Next: s, Effect: sharing.Refuse}); got != want {
					t.Errorf("%s in state %d with %s: %v, want %v", input, unknown, policy, got, want)
				}
			}
		}
	}
}

func TestStatesHaveTheNamesOfTheDocumentation(t *testing.T) {
	t.Parallel()
	names := map[sharing.State]string{
		0: "unasked", 1: "not_askable", 2: "asked", 3: "expired", 4: "declined", 5: "shared", 6: "withdrawn", 7: "unknown", 255: "unknown",
	}
	for s, want := range names {
		if got := s.String(); got != want {
			t.Errorf("state %d is %q, want %q", s, got, want)
		}
	}
}
