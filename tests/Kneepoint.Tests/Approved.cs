using System.Globalization;

namespace Kneepoint.Tests;

/// <summary>Compares text with the approved file beside the test; on a difference the text is left beside it as a received file.</summary>
static class Approved
{
    /// <summary>Matches <c>Class.Test.approved.txt</c> in the test's folder. To approve: rename the received file.</summary>
    /// <param name="actual">The text; line ends are compared as line feeds.</param>
    /// <param name="folder">The test's folder below tests/Kneepoint.Tests.</param>
    /// <param name="name">The test's class and what it shows.</param>
    public static void Matches(string actual, string folder, string name)
    {
        string stem = Path.Combine(Repository.Root, "tests", "Kneepoint.Tests", folder, name);
        string expected = File.Exists($"{stem}.approved.txt") ? File.ReadAllText($"{stem}.approved.txt") : "";
        string received = $"{stem}.received.txt";
        actual = actual.ReplaceLineEndings("\n");
        if (actual == expected.ReplaceLineEndings("\n"))
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, actual);
        Assert.Equal(expected, actual);
    }

    /// <summary>Runs under a culture with a decimal comma, a point between thousands and another minus sign.</summary>
    public static T UnderCommaCulture<T>(Func<T> run)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = culture.NumberFormat.PercentDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        culture.NumberFormat.NegativeSign = "~";
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        try
        {
            return run();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
