package meta

import (
	"encoding/binary"
	"math"
)

// Field headers of the Thrift compact protocol: the distance to the previous
// field id, then the type.
const (
	thriftTrue   = 0x1
	thriftFalse  = 0x2
	thriftI32    = 0x5
	thriftString = 0x8
	thriftStruct = 0xc
	thriftStop   = 0x0
)

// idReader takes an id's bytes apart. The first fault makes it bad for good and
// empty, so that what follows reads nothing.
type idReader struct {
	rest string
	bad  bool
}

func (r *idReader) fail() {
	r.bad, r.rest = true, ""
}

func (r *idReader) byte() byte {
	if r.rest == "" {
		r.fail()
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *idReader) expect(want byte) {
	if r.byte() != want {
		r.fail()
	}
}

func (r *idReader) uvarint() uint64 {
	var v uint64
	for shift := 0; shift < 35; shift += 7 {
		b := r.byte()
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
	}
	r.fail()
	return 0
}

func (r *idReader) i32() int32 {
	v := r.uvarint()
	if v > math.MaxUint32 {
		r.fail()
	}
	u := uint32(v & math.MaxUint32)
	return int32(u>>1) ^ -int32(u&1)
}

func (r *idReader) text() string {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.fail()
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

// party reads the inner struct of a name and its domain.
func (r *idReader) party() idParty {
	r.expect(1<<4 | thriftString)
	name := r.text()
	r.expect(1<<4 | thriftI32)
	domain := r.i32()
	r.expect(thriftStop)
	return idParty{name, domain}
}

// readCompact reads the struct of webhooks.md section 4: fields 1 to 3, then 4
// and 5 where they are. Its depth is fixed at two.
func (p *idParts) readCompact(raw string) error {
	r := idReader{rest: raw}
	r.expect(1<<4 | thriftStruct)
	p.user = r.party()
	switch r.byte() {
	case 1<<4 | thriftTrue:
		p.fromBusiness = true
	case 1<<4 | thriftFalse:
	default:
		r.fail()
	}
	r.expect(1<<4 | thriftString)
	p.stanza = r.text()
	header, toExtra := r.byte(), byte(2<<4|thriftI32)
	if header == 1<<4|thriftStruct {
		second := r.party()
		p.second = &second
		header, toExtra = r.byte(), 1<<4|thriftI32
	}
	if header == toExtra {
		p.extra, p.hasExtra = r.i32(), true
		header = r.byte()
	}
	if r.bad || header != thriftStop || r.rest != "" {
		return ErrID
	}
	if !knownDomain(p.user.domain) || (p.second != nil && (!knownDomain(p.second.domain) || p.second.domain == domainGroup)) {
		return ErrID
	}
	return nil
}

func knownDomain(domain int32) bool {
	switch domain {
	case domainNumber, domainGroup, domainLID, domainUserID:
		return true
	}
	return false
}

func (p *idParts) appendCompact(dst []byte) []byte {
	dst = append(dst, 1<<4|thriftStruct)
	dst = appendIDParty(dst, p.user)
	if p.fromBusiness {
		dst = append(dst, 1<<4|thriftTrue)
	} else {
		dst = append(dst, 1<<4|thriftFalse)
	}
	dst = appendIDText(append(dst, 1<<4|thriftString), p.stanza)
	toExtra := byte(2<<4 | thriftI32)
	if p.second != nil {
		dst = appendIDParty(append(dst, 1<<4|thriftStruct), *p.second)
		toExtra = 1<<4 | thriftI32
	}
	if p.hasExtra {
		dst = appendIDInt(append(dst, toExtra), p.extra)
	}
	return append(dst, thriftStop)
}

func appendIDParty(dst []byte, party idParty) []byte {
	dst = appendIDText(append(dst, 1<<4|thriftString), party.name)
	dst = appendIDInt(append(dst, 1<<4|thriftI32), party.domain)
	return append(dst, thriftStop)
}

func appendIDText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

func appendIDInt(dst []byte, v int32) []byte {
	return binary.AppendUvarint(dst, uint64(uint32(v<<1)^uint32(v>>31))) //nolint:gosec // zig-zag: the bits are meant
}
