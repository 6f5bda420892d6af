package meta

import (
	"encoding/hex"
	"fmt"
	"strings"

	"bauta/masking"
)

// The letters of a form tag.
const (
	formLegacy   = 'l'
	formBare     = 'n'
	formURL      = 'u'
	formUnpadded = 'r'
)

// Form returns what of an id's writing cannot be derived from its parts, as a tag
// of at most four letters, "" for the usual writing (compact, with a prefix,
// standard base64 with padding): l legacy, n no prefix, u URL alphabet, r without
// padding. Whoever wants to give the platform exactly its id back keeps it beside
// the envelope's identity.
func (id ID) Form() string {
	p := id.parts()
	if p == nil {
		return ""
	}
	var tag []byte
	for _, f := range []struct {
		letter byte
		set    bool
	}{
		{formLegacy, p.legacy},
		{formBare, p.prefix == ""},
		{formURL, p.url},
		{formUnpadded, p.unpadded},
	} {
		if f.set {
			tag = append(tag, f.letter)
		}
	}
	return string(tag)
}

// applyForm makes parts write themselves in a form.
func (p *idParts) applyForm(form string) error {
	if strings.Trim(form, "lnur") != "" {
		return fmt.Errorf("form tag has letters other than l, n, u, r: %w", ErrID)
	}
	p.url = strings.IndexByte(form, formURL) >= 0
	if strings.IndexByte(form, formBare) >= 0 {
		p.prefix = ""
	}
	if strings.IndexByte(form, formLegacy) >= 0 {
		if err := p.makeLegacy(); err != nil {
			return err
		}
	}
	p.unpadded = strings.IndexByte(form, formUnpadded) >= 0
	return nil
}

// makeLegacy turns compact parts into legacy ones, where that form has a place for
// them.
func (p *idParts) makeLegacy() error {
	stanza, err := hex.DecodeString(p.stanza)
	switch {
	case p.user.domain != domainNumber || p.second != nil || p.hasExtra:
		return fmt.Errorf("legacy ids name a number and nothing else: %w", ErrID)
	case err != nil || len(stanza) == 0 || len(stanza) > 255 || strings.ToUpper(p.stanza) != p.stanza:
		return fmt.Errorf("legacy ids have a stanza id of upper-case hex: %w", ErrID)
	}
	p.legacy, p.stanza = true, string(stanza)
	return nil
}

// partyOf is how an id names an identity.
func partyOf(who masking.Identity) (idParty, error) {
	switch {
	case !who.Number.IsZero():
		return idParty{who.Number.Reveal(), domainNumber}, nil
	case !who.UserID.IsZero():
		return idParty{who.UserID.Reveal(), domainUserID}, nil
	}
	return idParty{}, fmt.Errorf("an envelope needs a number or a user id: %w", ErrID)
}
