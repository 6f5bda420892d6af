package masking

import (
	"cmp"
	"slices"
	"strings"
)

// Digit strings from wholeBelow down are found only where they are a whole run
// of digits: a shorter one turns up by chance in prices, codes and hashes.
const (
	wholeBelow = 9
	// shortestName is the shortest national form that is looked for.
	shortestName = 4
	// shortestBody is the shortest user id that is recognised without its country.
	shortestBody = 6
)

// name is one notation of a person, as symbols.
type name struct {
	text   string
	person int32 // index in the people, -1 for the business
	// trunk is where people put a zero that is not dialled from abroad, as in
	// +44 (0)20: behind the country code. 0: nowhere.
	trunk int
	digits,
	whole, // only as a whole run of digits
	keep bool
}

// names is everything that stands for the people of one event.
type names struct {
	list []name
	// from[c] to from[c+1] are the names that begin with symbol c.
	from [256]int16
	// shown are the handles by person, as the business gets them.
	shown []string

	minDigits  int  // fewer digits name nobody
	minEncoded int  // fewer base64 letters name nobody
	letters    bool // some name is not made of digits
	hidden     bool // somebody is hidden
}

func (n *names) empty() bool { return !n.hidden }

// set fills n for the people of one event. Visible people have no names: their
// numbers stay in text. The business has, for texts that lose every other number.
func (n *names) set(people []Person, view View) {
	n.list, n.shown, n.hidden, n.letters = n.list[:0], n.shown[:0], false, false
	n.minDigits, n.minEncoded = maxDigits, maxDigits
	for i := range people {
		n.shown = append(n.shown, "")
		if !people[i].Visible {
			n.hidden = true
			n.shown[i] = people[i].Handle.In(view)
			n.addPerson(&people[i], int32(i))
		}
	}
	for i := range people {
		if people[i].sharing() { // behind the names: what another person hides is hidden
			n.addShared(people[i].Shown, int32(i))
		}
	}
	for _, own := range view.Own {
		forms, count := own.variants()
		for _, v := range forms[:count] {
			n.add(name{text: v.Reveal(), person: -1, digits: true, whole: true, keep: true})
		}
	}
	n.index()
}

// isOwn tells digits that are one of the business's own numbers.
func (n *names) isOwn(digits string) bool {
	for _, m := range n.at(digits[0]) {
		if m.keep && m.person < 0 && m.text == digits {
			return true
		}
	}
	return false
}

func (n *names) addPerson(p *Person, i int32) {
	for _, number := range p.Numbers {
		if p.Shares(number) {
			continue
		}
		forms, count := number.variants()
		for _, v := range forms[:count] {
			digits, national := v.Reveal(), v.National()
			n.add(name{
				text: digits, person: i, trunk: len(digits) - len(national),
				digits: true, whole: len(digits) < wholeBelow,
			})
			if len(national) >= shortestName {
				n.add(name{text: national, person: i, digits: true, whole: len(national) < wholeBelow})
			}
		}
	}
	for _, id := range p.UserIDs {
		if !id.IsZero() {
			n.add(bodyOf(id.Reveal(), i))
		}
	}
	if p.Handle.Phone != "" {
		n.add(name{text: p.Handle.Phone, person: i, digits: true, keep: true})
	}
}

// addShared adds a number that stays wherever it stands: beside other digits too,
// since what is put beside it may end in some. Fewer digits than a phone number has
// are nowhere taken for one.
func (n *names) addShared(number Number, i int32) {
	forms, count := number.variants()
	for _, v := range forms[:count] {
		digits, national := v.Reveal(), v.National()
		n.add(name{text: digits, person: i, trunk: len(digits) - len(national), digits: true, keep: true})
		n.minDigits = min(n.minDigits, len(digits))
		if len(national) >= minPhoneDigits {
			n.add(name{text: national, person: i, digits: true, keep: true})
		}
	}
}

// bodyOf returns the name that a user id is without its country: whoever reads
// that can put a country before it.
func bodyOf(id string, person int32) name {
	body := strings.ToLower(id[strings.LastIndexByte(id, '.')+1:])
	digits := isDigits(body)
	if len(body) < shortestBody {
		body, digits = strings.ToLower(strings.ReplaceAll(id, ".", "")), false
	}
	return name{text: body, person: person, digits: digits, whole: len(body) < wholeBelow}
}

func (n *names) add(one name) {
	n.list = append(n.list, one)
	if one.keep {
		return
	}
	n.letters = n.letters || !one.digits
	n.minDigits = min(n.minDigits, len(one.text))
	letters := len(one.text) * 4 / 3
	if one.trunk > 0 {
		letters /= 2 // packed digits
	}
	n.minEncoded = max(min(n.minEncoded, letters), shortestBody)
}

// index sorts the names by their first symbol, the longest first.
func (n *names) index() {
	slices.SortStableFunc(n.list, func(a, b name) int {
		return cmp.Or(cmp.Compare(a.text[0], b.text[0]), cmp.Compare(len(b.text), len(a.text)))
	})
	at := 0
	for c := range n.from {
		for at < len(n.list) && int(n.list[at].text[0]) < c {
			at++
		}
		n.from[c] = int16(at)
	}
}

// at returns the names that begin with a symbol (below 255).
func (n *names) at(symbol byte) []name {
	if symbol == barrier {
		return nil
	}
	return n.list[n.from[symbol]:n.from[symbol+1]]
}

// length returns how many symbols from i on are this name, 0 if it is not there.
func (m *name) length(s *symbols, i int) int {
	if l := m.match(s.of[i:], 0); l > 0 && m.fits(s, i, l) {
		return l
	}
	if m.trunk > 0 {
		if l := m.match(s.of[i:], m.trunk); l > 0 && m.fits(s, i, l) {
			return l
		}
	}
	return 0
}

// match compares symbols with the name, with a trunk zero at that place if it is
// not 0.
func (m *name) match(of []byte, trunk int) int {
	length := len(m.text)
	if trunk > 0 {
		length++
	}
	if len(of) < length {
		return 0
	}
	if trunk == 0 {
		if string(of[:length]) != m.text {
			return 0
		}
		return length
	}
	if string(of[:trunk]) != m.text[:trunk] || of[trunk] != '0' || string(of[trunk+1:length]) != m.text[trunk:] {
		return 0
	}
	return length
}

// fits tells that a name which must stand alone does: no digit (for a name with
// letters, no letter either) touches it, but for zeros dialled before it.
func (m *name) fits(s *symbols, i, length int) bool {
	if !m.whole {
		return true
	}
	touches := func(k int) bool { return s.digitAt(k) || (!m.digits && k >= 0 && k < len(s.of)) }
	if end := i + length; end < len(s.of) && s.adjacent(end) && touches(end) {
		return false
	}
	for zeros := 0; zeros < 2 && s.adjacent(i) && s.of[i-1] == '0'; zeros++ {
		i--
	}
	return !s.adjacent(i) || !touches(i-1)
}
