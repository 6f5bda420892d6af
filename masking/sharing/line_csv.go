package sharing

import (
	"strconv"
	"strings"
)

// CSVHeader names the columns of a line's CSV form: the members of its JSON, and the
// line's hash.
func CSVHeader() []string {
	names := []string{"v", "business", "seq"}
	for _, m := range (Line{}).members(Place{}) {
		names = append(names, m.name)
	}
	return append(names, "sha256")
}

// CSV is a line as the cells of a row. It is for reading: what a spreadsheet would
// take for a formula has an apostrophe before it (OWASP, CSV injection), so that the
// chain is verified on the JSON lines.
func (l Line) CSV(p Place, hash string) []string {
	cells := []string{strconv.Itoa(lineVersion), plainCell(p.Business), strconv.FormatInt(p.Seq, 10)}
	for _, m := range l.members(p) {
		cells = append(cells, plainCell(m.value))
	}
	return append(cells, hash)
}

func plainCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(text)[0]) {
		return "'" + text
	}
	return text
}
