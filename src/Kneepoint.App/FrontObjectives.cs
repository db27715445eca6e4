using System.Globalization;

namespace Kneepoint.App;

/// <summary>The objectives of a table: which columns, in which directions, seen from which reference.</summary>
/// <param name="Names">Column names, the minimized ones first, each list as stated.</param>
/// <param name="Places">Of the columns in the table.</param>
/// <param name="MaximizedFrom">Objectives from this one on are maximized.</param>
sealed record FrontObjectives(string[] Names, int[] Places, int MaximizedFrom)
{
    /// <summary>How many.</summary>
    public int Count => Names.Length;

    /// <summary>Finds the stated columns.</summary>
    /// <param name="columns">The table's names.</param>
    /// <param name="minimize">Names, or lists of names between commas; a column whose own name holds a comma is found first.</param>
    /// <param name="maximize">The same.</param>
    /// <exception cref="CommandLineException">A column is missing, ambiguous or stated twice, or none is stated.</exception>
    public static FrontObjectives Of(IReadOnlyList<string> columns, string[] minimize, string[] maximize)
    {
        string[] small = [.. minimize.SelectMany(text => Split(text, columns))];
        string[] large = [.. maximize.SelectMany(text => Split(text, columns))];
        string[] names = [.. small, .. large];
        if (names.Length == 0) throw new CommandLineException("--minimize, --maximize: expected at least one column, found none.");
        var places = new int[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            string option = i < small.Length ? "--minimize" : "--maximize";
            int[] found = [.. Enumerable.Range(0, columns.Count).Where(place => columns[place] == names[i])];
            if (found.Length == 0) throw new CommandLineException($"{option}: expected one of the columns {Shown(columns)}; found '{names[i]}'.{Hint(columns)}");
            if (found.Length > 1) throw new CommandLineException($"{option}: expected one column called '{names[i]}', found {found.Length.ToString(CultureInfo.InvariantCulture)}.");
            if (Array.IndexOf(names, names[i]) < i) throw new CommandLineException($"{option}: the column '{names[i]}' is stated twice.");
            places[i] = found[0];
        }

        return new FrontObjectives(names, places, small.Length);
    }

    /// <summary>Turns the sign of maximized objectives, in place: then and back.</summary>
    /// <param name="points">[n, Count], row-major.</param>
    public void Turn(Span<double> points)
    {
        for (int k = MaximizedFrom; k < Count; k++)
        {
            for (int i = k; i < points.Length; i += Count) points[i] = -points[i];
        }
    }

    /// <summary>Reads the reference: a number for each objective in order, or name=number pairs.</summary>
    /// <exception cref="CommandLineException">Numbers are missing, too many, or not finite.</exception>
    public double[] Reference(string text)
    {
        string[] parts = text.Split(',');
        double[] reference = new double[Count];
        if (parts.Length != Count)
        {
            throw new CommandLineException(string.Create(CultureInfo.InvariantCulture,
                $"--reference: expected {Count} numbers between commas ({string.Join(", ", Names)}), found {parts.Length}."));
        }

        bool isNamed = parts.All(part => part.Contains('=', StringComparison.Ordinal));
        var stated = new HashSet<int>();
        for (int i = 0; i < parts.Length; i++)
        {
            int split = parts[i].LastIndexOf('=');
            int objective = isNamed ? Array.IndexOf(Names, parts[i][..split].Trim()) : i;
            if (objective < 0 || !stated.Add(objective))
            {
                throw new CommandLineException($"--reference: expected each of {string.Join(", ", Names)} once, found '{parts[i]}'.");
            }

            reference[objective] = Units.ParseNumber("--reference", parts[i][(isNamed ? split + 1 : 0)..]);
        }

        return reference;
    }

    /// <summary>"minimize" or "maximize".</summary>
    public string Direction(int objective) => objective < MaximizedFrom ? "minimize" : "maximize";

    static string[] Split(string text, IReadOnlyList<string> columns) =>
        columns.Contains(text) ? [text] : text.Split(',', StringSplitOptions.TrimEntries);

    static string Hint(IReadOnlyList<string> columns) =>
        columns.All(name => double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out _)) ? " If the table has no header, say --no-header." : "";

    static string Shown(IReadOnlyList<string> columns)
    {
        const int Most = 12;
        string list = string.Join(", ", columns.Take(Most).Select(name => $"'{name}'"));
        return columns.Count > Most ? string.Create(CultureInfo.InvariantCulture, $"{list} and {columns.Count - Most} more") : list;
    }
}
