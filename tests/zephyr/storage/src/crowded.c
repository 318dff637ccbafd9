/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * A sector in which little room is left from the beginning: records fill one and are not written
 * again, others fill those behind it. When these have no more room, NVS moves the first ones to
 * where the next is to be written, which then may end at the last place of the sector.
 */

#include "cuts.h"
#include "storage.h"

#define BESIDE (CUTS_CHECK_SUM + CUTS_ENTRY)

/* Written again and again; and erased. */
#define BUSY   (CUTS_RECORDS - 1)
#define ERASED (CUTS_RECORDS - 2)

/* Of what is written again and again. */
#define LENGTH 100
/* Room that the others leave in their sector. */
#define ROOM   (LENGTH + 2 * BESIDE)

static uint8_t crowded[CUTS_SIZE];

static void write(uint16_t id, size_t length)
{
	uint8_t version = cuts_version_with(id, length);

	must(version == 0, "cuts_version_with()");
	cuts_carry_out(id, version);
}

/* Gives the room that the next record finds, which changes the sector. */
static size_t crowd(void)
{
	size_t left, length = LENGTH;
	uint16_t id = 0;

	do {
		must(id >= ERASED, "records");
		write(id++, CUTS_LONGEST);
	} while (cuts_left_in_sector() > 2 * (CUTS_LONGEST + BESIDE));
	write(ERASED, cuts_left_in_sector() - ROOM - BESIDE);
	do {
		left = cuts_left_in_sector();
		cuts_keep(crowded);
		/* Another one than before. */
		length = length == LENGTH ? LENGTH - 1 : LENGTH;
		write(BUSY, length);
	} while (left >= length + BESIDE || cuts_left_in_sector() > ROOM);

	return cuts_left_in_sector() + length + BESIDE;
}

void cut_in_crowded_sector(void)
{
	size_t room = crowd();

	/* Left then: nothing, one place, two places, or something between. */
	for (size_t left = 0; left <= 2 * CUTS_ENTRY; left += CUTS_ENTRY / 2) {
		uint8_t version = cuts_version_with(BUSY, room - BESIDE - left);

		cuts_go_back(crowded);
		/* It moves so many records that to lose power twice takes too long. */
		cuts_cut(BUSY, version, false);
		cuts_carry_out(BUSY, version);
		cuts_cut(ERASED, 0, true);
		cuts_carry_out(ERASED, 0);
		cuts_cut(BUSY, 0, true);
		cuts_carry_out(BUSY, 0);
	}
}
