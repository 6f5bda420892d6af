package leak

// addNumber adds every digit string by which a number is recognised. A
// masking.Number is 5 to 15 ASCII digits, or nothing.
func (c *Check) addNumber(digits string) {
	if digits == "" {
		return
	}
	code := countryCodeLen(digits)
	national := digits[code:]
	if len(national) < suffixDigits {
		c.addShort(digits, national)
		return
	}
	c.digits.add(digits[len(digits)-suffixDigits:])
	switch digits[:code] {
	case "55":
		c.addBrazil(national)
	case "54":
		c.addArgentina(national)
	}
}

// addShort: all digits with the country's code anywhere (as a whole where even
// those are few), the national part only alone, with or without a trunk digit.
func (c *Check) addShort(digits, national string) {
	if len(digits) >= anywhereDigits {
		c.digits.add(digits)
	} else {
		c.whole.add(digits)
	}
	c.whole.add(national)
	c.whole.add("0" + national)
	c.whole.add("8" + national)
}

// addBrazil: a mobile number is written with a 9 between the area's two digits
// and the last eight, or without (the platform leaves it out for older ones).
func (c *Check) addBrazil(national string) {
	last := national[len(national)-8:]
	c.digits.add("9" + last)
	if len(national) >= 10 {
		c.digits.add(national[1:2] + last)
	}
}

// addArgentina: at home, a mobile number has no 9 before the area but a 15
// behind it, and areas have 2 to 4 digits.
func (c *Check) addArgentina(national string) {
	n := len(national)
	c.digits.add("15" + national[n-8:])
	c.digits.add("15" + national[n-7:])
	if n >= 10 {
		c.digits.add(national[n-7:n-6] + "15" + national[n-6:])
	}
}

// countryCodeLen is the length of the country code by ITU-T E.164 (list of
// assigned codes): 1 and 7 stand alone, the two-digit ones are listed, every
// other code has three digits.
func countryCodeLen(digits string) int {
	switch digits[:1] {
	case "1", "7":
		return 1
	}
	switch digits[:2] {
	case "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49",
		"51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66",
		"81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98":
		return 2
	}
	return 3
}
