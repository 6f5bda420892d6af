package app

import "testing"

func TestASmallHeapGrowsByItsRoomAndALargeOneByItself(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		live uint64
		want int
	}{
		"nothing was collected yet":   {0, 1200},
		"less than Go reckons with":   {1 << 20, 1200},
		"an idle node":                {8 << 20, 600},
		"half of the room":            {24 << 20, 200},
		"as much as the room":         {48 << 20, 100},
		"bodies of 3 MB on their way": {300 << 20, 100},
	} {
		if got := growth(row.live); got != row.want {
			t.Errorf("%s: %d %%, want %d %%", name, got, row.want)
		}
	}
}
