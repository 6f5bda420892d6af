package config

import (
	"fmt"
	"slices"
	"strings"
)

// Accounts tells whose each account is: WABA → business id.
func (c *Config) Accounts() map[string]string {
	out := map[string]string{}
	for i := range c.Business {
		for _, waba := range c.Business[i].WABAs {
			out[waba] = c.Business[i].ID
		}
	}
	return out
}

// Moved finds accounts that only other businesses had so far (WABA → their ids), unless
// moved_from names all of these. Whoever was hidden there is a stranger here, and may be
// shown: that is for nobody's slip of the pen.
func (c *Config) Moved(owners map[string][]string) (faults Faults) {
	for i := range c.Business {
		b := &c.Business[i]
		meant := func(id string) bool { return slices.Contains(b.MovedFrom, id) }
		for j, waba := range b.WABAs {
			had := owners[waba]
			left := slices.DeleteFunc(slices.Clone(had), meant)
			if len(left) == 0 || slices.Contains(had, b.ID) {
				continue
			}
			faults = append(faults, c.Fault(fmt.Sprintf("businesses[%d].wabas[%d]", i, j),
				"was so far the account of another business, "+strings.Join(left, ", ")+": whom that one hid would be strangers to this one, and may be shown",
				"give this business the id that it had; to move the account all the same, name the other one in moved_from of this one"))
		}
	}
	return faults.Sorted()
}
