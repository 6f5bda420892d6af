package leak

const (
	// minRun: shorter runs hold no secret (8 characters of base64 are 6 bytes).
	minRun = 8
	// minHex: so many hex digits write 7 characters.
	minHex = 14
	// wrapped: a run of that length may go on after a line break, as MIME
	// wraps base64 (64 or 76 characters a line).
	wrapped = 60
)

// runs finds the runs of the base64 alphabets, standard and URL, and looks into
// each: as a user id, as base64 and as hex.
func (s *scratch) runs(text []byte) {
	sextet := &s.class.sextet
	for i := 0; i < len(text) && !s.full(); {
		if sextet[text[i]] == none {
			i++
			continue
		}
		start := i
		for i++; i < len(text) && sextet[text[i]] != none; i++ {
		}
		if i-start < minRun {
			continue
		}
		run := text[start:i]
		if len(run) >= wrapped && s.wraps(text, i) > 0 {
			run, i = s.join(text, start, i)
		}
		s.run(run, start)
	}
}

// wraps returns how many bytes of line break are between the run that ends at i
// and another one; 0 if none follows.
func (s *scratch) wraps(text []byte, i int) int {
	n := 0
	for i+n < len(text) && n < 4 && (text[i+n] == '\n' || text[i+n] == '\r' || text[i+n] == ' ') {
		n++
	}
	if i+n < len(text) && s.class.sextet[text[i+n]] != none {
		return n
	}
	return 0
}

// join copies a run without its line breaks, and returns where it ends. Only a
// short line ends it.
func (s *scratch) join(text []byte, start, end int) ([]byte, int) {
	joined := append(s.levels[s.depth].joined[:0], text[start:end]...)
	line := end - start
	for line >= wrapped {
		n := s.wraps(text, end)
		if n == 0 {
			break
		}
		from := end + n
		for end = from; end < len(text) && s.class.sextet[text[end]] != none; end++ {
		}
		joined = append(joined, text[from:end]...)
		line = end - from
	}
	s.levels[s.depth].joined = joined
	return joined, end
}

// run looks into one run, which stands at an offset of the text now scanned.
func (s *scratch) run(run []byte, offset int) {
	if at, ok := s.check.users.in(run, s.class); ok {
		s.hit(offset+at, UserID)
	}
	if s.depth == maxDepth {
		return
	}
	outer, coding := s.outer, s.coding
	if s.depth == 0 {
		s.outer = offset
	}
	s.coding = Base64
	for align := range min(4, len(run)) {
		decoded, gate := s.base64(run[align:])
		s.decoded(decoded, gate)
	}
	if len(run) >= minHex {
		s.coding = Hex
		s.hexRuns(run)
	}
	s.outer, s.coding = outer, coding
}

// base64 decodes a run of either alphabet into the level's buffer. An
// incomplete group at its end gives what bytes it can.
func (s *scratch) base64(run []byte) ([]byte, gate) {
	l := &s.levels[s.depth]
	if need := len(run)/4*3 + 3; cap(l.decoded) < need {
		l.decoded = make([]byte, need+need/2)
	}
	out, n := l.decoded[:cap(l.decoded)], 0
	sextet := &s.class.sextet
	for ; len(run) >= 4; run = run[4:] {
		v := uint32(sextet[run[0]])<<18 | uint32(sextet[run[1]])<<12 | uint32(sextet[run[2]])<<6 | uint32(sextet[run[3]])
		o := out[n : n+3 : n+3]
		o[0], o[1], o[2] = byte(v>>16), byte(v>>8), byte(v) //nolint:gosec // the low 8 bits are meant
		n += 3
	}
	if len(run) >= 2 {
		v := uint32(sextet[run[0]])<<18 | uint32(sextet[run[1]])<<12
		if len(run) == 3 {
			v |= uint32(sextet[run[2]]) << 6
			out[n+1] = byte(v >> 8) //nolint:gosec // the low 8 bits are meant
		}
		out[n] = byte(v >> 16) //nolint:gosec // the low 8 bits are meant
		n += len(run) - 1
	}
	return out[:n], s.gateOf(out[:n])
}

// hexRuns decodes every stretch of hex digits in a run, at both alignments.
func (s *scratch) hexRuns(run []byte) {
	table := &s.class.hex
	for i := 0; i < len(run); i++ {
		start := i
		for i < len(run) && table[run[i]] != none {
			i++
		}
		if i-start < minHex {
			continue
		}
		for align := range 2 {
			out := s.levels[s.depth].decoded[:0]
			for j := start + align; j+1 < i; j += 2 {
				out = append(out, table[run[j]]<<4|table[run[j+1]])
			}
			s.levels[s.depth].decoded = out
			s.decoded(out, s.gateOf(out))
		}
	}
}

// packed finds numbers in BCD, a digit a nibble, beginning in either half of a
// byte: a window over bytes is a window over packed digits.
func (s *scratch) packed(text []byte) {
	set := &s.check.digits
	depth := s.depth
	s.depth = depth + 1
	defer func() { s.depth = depth }()
	var window uint64
	full := 0 // bytes of two digits in a row
	for i, b := range text {
		window = window<<8 | uint64(b)
		odd := window >> 4
		if full >= 3 && set.may(odd) && set.find(odd, func(pattern) bool { return true }) {
			s.hit(i, BCD)
		}
		if b>>4 > 9 || b&15 > 9 {
			full = 0
			continue
		}
		full++
		if full >= 3 && set.may(window) && set.find(window, func(pattern) bool { return true }) {
			s.hit(i, BCD)
		}
	}
}
