package manage

import "testing"

// A cursor is one that was written, for its own list, or none.
func FuzzCursors(f *testing.F) {
	for _, cursor := range []string{"", writeCursor("consents", "12"), writeCursor("audit", "2026-11-23.7"), writeCursor("audit", ""), "YTpi", "YTpi=", "\r\n", "YXVkaXQ6MQ"} {
		f.Add("audit", cursor)
	}
	f.Fuzz(func(t *testing.T, list, cursor string) {
		place, ok := readCursor(list, cursor)
		if ok && writeCursor(list, place) != cursor {
			t.Errorf("%q leads to %q in %q, whose cursor is %q", cursor, place, list, writeCursor(list, place))
		}
		if isPlace(list) && isPlace(place) {
			if again, ok := readCursor(list, writeCursor(list, place)); !ok || again != place {
				t.Errorf("%q in %q: %q, %v", place, list, again, ok)
			}
		}
	})
}
