package io.entrepot.proxy.schedule;

import java.time.DayOfWeek;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * Times by the five fields of cron: minute, hour, day of the month, month, day of the week. A field
 * has lists, ranges, steps and names; 7 is Sunday. Where both days are given either suffices, as in
 * crontab(5).
 */
public final class Cron {

  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

  private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

  /** The 29th of February comes at least once in eight years. */
  private static final int MOST_YEARS = 8;

  private final String text;
  private final BitSet minutes;
  private final BitSet hours;
  private final BitSet days;
  private final BitSet months;
  private final BitSet weekdays;
  private final boolean anyDay;
  private final boolean anyWeekday;

  private Cron(String text, String[] fields) {
    this.text = text;
    this.minutes = field("minute", fields[0], 0, 59, List.of());
    this.hours = field("hour", fields[1], 0, 23, List.of());
    this.days = field("day of the month", fields[2], 1, 31, List.of());
    this.months = field("month", fields[3], 1, 12, MONTHS);
    this.weekdays = field("day of the week", fields[4], 0, 7, DAYS);
    if (weekdays.get(7)) {
      weekdays.set(0);
    }
    this.anyDay = fields[2].startsWith("*");
    this.anyWeekday = fields[4].startsWith("*");
  }

  /**
   * Parses five fields.
   *
   * @throws IllegalArgumentException naming the field that is wrong; also for times that never come
   */
  public static Cron parse(String text) {
    String[] fields = text.strip().split("\\s+");
    if (fields.length != 5) {
      throw new IllegalArgumentException(
          "not a time of cron: '%s' (expected minute, hour, day of the month, month, day of the week, for example 17 */6 * * *)"
              .formatted(text));
    }
    Cron cron = new Cron(text.strip(), fields);
    cron.next(ZonedDateTime.parse("2024-01-01T00:00:00Z"));
    return cron;
  }

  private static BitSet field(String name, String text, int least, int most, List<String> names) {
    BitSet values = new BitSet();
    for (String part : text.split(",", -1)) {
      String[] stepped = part.split("/", -1);
      String range = stepped[0];
      int step = stepped.length == 2 ? number(name, stepped[1], 1, most, List.of(), least) : 1;
      int from = least;
      int to = most;
      if (!range.equals("*")) {
        String[] ends = range.split("-", -1);
        from = number(name, ends[0], least, most, names, least);
        to =
            ends.length == 2
                ? number(name, ends[1], least, most, names, least)
                : stepped.length == 2 ? most : from;
        if (ends.length > 2 || to < from) {
          throw wrong(name, part, least, most);
        }
      }
      if (stepped.length > 2) {
        throw wrong(name, part, least, most);
      }
      for (int value = from; value <= to; value += step) {
        values.set(value);
      }
    }
    return values;
  }

  private static int number(
      String name, String text, int least, int most, List<String> names, int first) {
    int named = names.indexOf(text.toLowerCase(Locale.ROOT));
    if (named >= 0) {
      return named + first;
    }
    if (!text.matches("[0-9]{1,2}")) {
      throw wrong(name, text, least, most);
    }
    int number = Integer.parseInt(text);
    if (number < least || number > most) {
      throw wrong(name, text, least, most);
    }
    return number;
  }

  private static IllegalArgumentException wrong(String name, String text, int least, int most) {
    return new IllegalArgumentException(
        "not a %s of cron: '%s' (expected %d to %d, with lists, ranges and steps)"
            .formatted(name, text, least, most));
  }

  /**
   * The first such time after another. A time that is skipped when clocks are put forward comes as
   * much later.
   */
  ZonedDateTime next(ZonedDateTime after) {
    ZonedDateTime time = after.truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
    ZonedDateTime end = time.plusYears(MOST_YEARS);
    while (time.isBefore(end)) {
      if (!months.get(time.getMonthValue())) {
        time = time.truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1).plusMonths(1);
      } else if (!isDay(time)) {
        time = time.truncatedTo(ChronoUnit.DAYS).plusDays(1);
      } else if (!hours.get(time.getHour())) {
        time = time.truncatedTo(ChronoUnit.HOURS).plusHours(1);
      } else if (!minutes.get(time.getMinute())) {
        time = time.plusMinutes(1);
      } else {
        return time;
      }
    }
    throw new IllegalArgumentException("'%s' never comes".formatted(text));
  }

  private boolean isDay(ZonedDateTime time) {
    boolean day = days.get(time.getDayOfMonth());
    boolean weekday = weekdays.get(time.getDayOfWeek().getValue() % DayOfWeek.values().length);
    return (anyDay || anyWeekday) ? day && weekday : day || weekday;
  }

  @Override
  public String toString() {
    return text;
  }
}
