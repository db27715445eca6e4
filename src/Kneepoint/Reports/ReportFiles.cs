using Kneepoint.Limits.OfStudy;
using Kneepoint.Reports.Html;
using Kneepoint.Reports.Plotting;
using Kneepoint.Studies.Modeled;

namespace Kneepoint.Reports;

/// <summary>The reports in a study's folder, each a file that appears whole or not at all.</summary>
public static class ReportFiles
{
    /// <summary>The document.</summary>
    public const string FrontierJsonFile = "frontier.json";

    /// <summary>The table.</summary>
    public const string FrontierCsvFile = "frontier.csv";

    /// <summary>The report to read and to hover.</summary>
    public const string ReportFile = "report.html";

    /// <summary>The plot as vectors.</summary>
    public const string PlotSvgFile = "frontier.svg";

    /// <summary>The plot as pixels.</summary>
    public const string PlotPngFile = "frontier.png";

    /// <summary>Writes what other programs read, cheap enough after each trial: JSON and CSV.</summary>
    /// <param name="folder">The study's folder, which exists.</param>
    /// <param name="document">The study.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void WriteTables(string folder, FrontierDocument document)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(document);
        AtomicFile.Write(Path.Combine(folder, FrontierJsonFile), document.ToJson());
        AtomicFile.Write(Path.Combine(folder, FrontierCsvFile), document.ToCsv());
    }

    /// <summary>Writes all reports: the tables, the plots and the HTML page.</summary>
    /// <param name="folder">The study's folder, which exists.</param>
    /// <param name="document">The study.</param>
    /// <param name="drawPng">Draws the plot as PNG, which takes an adapter; null to leave it out.</param>
    /// <param name="limits">What theory says of the study; null to leave it out.</param>
    /// <param name="model">What the search has learned; null to leave it out.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void WriteReports(string folder, FrontierDocument document, Func<FrontierDocument, byte[]>? drawPng = null, StudyLimits? limits = null, SpaceModel? model = null)
    {
        WriteTables(folder, document);
        AtomicFile.Write(Path.Combine(folder, PlotSvgFile), FrontierPlot.ToSvg(document));
        if (drawPng is not null) AtomicFile.Write(Path.Combine(folder, PlotPngFile), drawPng(document));
        AtomicFile.Write(Path.Combine(folder, ReportFile), ReportHtml.Write(document, limits, model));
    }
}
