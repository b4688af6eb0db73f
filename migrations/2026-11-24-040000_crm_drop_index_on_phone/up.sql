-- Nothing looks for a number as it was typed: filters go by a pattern, duplicates and imports by phone_key.
drop index contacts_by_phone;
