# Written by `make stub` from the parameters of the operations; do not edit.

import os
from typing import Literal

from .bundle.model_bundle import ModelBundle as ModelBundle
from .bundle.model_file import read_bundle as read_bundle
from .errors import BundleError as BundleError
from .errors import Cancelled as Cancelled
from .errors import DeviceError as DeviceError
from .errors import HsiError as HsiError
from .errors import LabelError as LabelError
from .errors import MismatchError as MismatchError
from .errors import OutputError as OutputError
from .errors import ParameterError as ParameterError
from .errors import SceneError as SceneError
from .errors import TrainingError as TrainingError
from .legend import Legend as Legend
from .legend import LegendClass as LegendClass
from .operations.assess_map import AssessMapResult
from .operations.check_engine import CheckEngineResult
from .operations.check_labels import CheckLabelsResult
from .operations.classify_scene import ClassifySceneResult
from .operations.clean_map import CleanMapResult
from .operations.fit_pca import FitPcaResult
from .operations.inspect_scene import InspectSceneResult
from .operations.run_demo import RunDemoResult
from .operations.train_and_classify import TrainAndClassifyResult
from .operations.train_classifier import TrainClassifierResult
from .reporting import Reporter as Reporter
from .reporting import SilentReporter as SilentReporter

_Path = str | os.PathLike[str]

__version__: str

def inspect_scene(
    *,
    scene: _Path,
    statistics: bool = True,
    nodata: float | None = None,
    reporter: Reporter | None = None,
) -> InspectSceneResult:
    """Describe a scene: size, place, bands with their wavelengths, and how much of it holds data.

    Parameters
    ----------
    scene : Raster file to describe, or an ENVI header.
    statistics : Read the pixels too: bands without data, share of valid pixels, range of values.
        Default: True.
    nodata : Number that means no data in every band, besides what the file states; such as -9999.
    reporter : hears progress and warnings, and can cancel; silent by default.

    Returns
    -------
    InspectSceneResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def check_labels(
    *,
    scene: _Path,
    nodata: float | None = None,
    labels: _Path,
    report: _Path | None = None,
    problems: _Path | None = None,
    class_field: str | None = None,
    name_field: str | None = None,
    color_field: str | None = None,
    layer: str | None = None,
    legend: _Path | None = None,
    overlap: Literal["drop", "first", "last", "error"] = "drop",
    all_touched: bool = False,
    resampling: Literal["refuse", "nearest", "majority"] = "refuse",
    bands: str | None = None,
    reporter: Reporter | None = None,
) -> CheckLabelsResult:
    """Tell, before any training, whether labels are good enough and what to add: spectra, separability, odd polygons.

    Parameters
    ----------
    scene : The scene that is to be mapped.
    nodata : Number that means no data in every band, besides what the file states; such as -9999.
    labels : Polygons or points in any vector file, or a raster of class values (0: unlabelled).
    report : HTML page with the verdict, spectra of the classes, their separability, and what to look
        at.
    problems : GeoPackage of the polygons and points to look at: number, class and reason.
    class_field : Field of vector labels that holds the class: whole numbers are kept as values, texts
        are numbered.
    name_field : Field with class names; found by itself where it is called class_name, name or label.
    color_field : Field with class colours as #rrggbb; found by itself where it is called color or
        colour.
    layer : Layer of a vector file that holds several.
    legend : Class values, names and colours from JSON or a QGIS style (.qml); other classes are left
        out.
    overlap : What a pixel gets where polygons of different classes overlap: no label, the first, the
        last; or refuse. Default: drop.
    all_touched : Label every pixel a polygon touches, not only those whose centre lies inside. Default:
        False.
    resampling : How a label raster on another grid is brought onto the scene's grid. Default: refuse.
    bands : Bands to use, such as "1-100, 450-900nm"; all good ones when not given.
    reporter : hears progress and warnings, and can cancel; silent by default.

    Returns
    -------
    CheckLabelsResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def train_classifier(
    *,
    scene: _Path,
    labels: _Path,
    nodata: float | None = None,
    output: _Path,
    report: _Path | None = None,
    split_output: _Path | None = None,
    class_field: str | None = None,
    model: Literal["auto", "logistic_regression", "lda", "svm", "random_forest", "spectral_cnn", "hybridsn"] = "auto",
    effort: Literal["quick", "standard", "thorough"] = "standard",
    name_field: str | None = None,
    color_field: str | None = None,
    layer: str | None = None,
    legend: _Path | None = None,
    overlap: Literal["drop", "first", "last", "error"] = "drop",
    all_touched: bool = False,
    resampling: Literal["refuse", "nearest", "majority"] = "refuse",
    min_samples: int = 1,
    small_classes: Literal["error", "drop"] = "error",
    split: Literal["folds", "blocks", "random", "polygons", "none"] = "folds",
    compare_split: Literal["none", "blocks", "random", "polygons"] = "none",
    split_source: _Path | None = None,
    split_field: str | None = None,
    train_share: float = 0.1,
    validation_share: float = 0.0,
    folds: int | None = None,
    smooth: bool = True,
    time_limit: float | None = None,
    block_size: int | None = None,
    bands: str | None = None,
    reduction: Literal["bands", "decorrelated", "pca", "mnf"] | None = None,
    normalisation: Literal["none", "brightness", "derivative"] = "none",
    components: int | None = None,
    whiten: float | None = None,
    patch_size: int | None = None,
    batch_norm: bool | None = None,
    squeeze_excitation: bool | None = None,
    dropout: float | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    schedule: Literal["one_cycle", "step", "cosine", "constant"] | None = None,
    weight_decay: float | None = None,
    label_smoothing: float | None = None,
    class_weights: bool | None = None,
    fewest_draws: int | None = None,
    surround_dropout: float | None = None,
    augment: bool | None = None,
    patience: int | None = None,
    seed: int = 0,
    device: str = "auto",
    precision: Literal["auto", "32-true", "16-mixed", "bf16-mixed"] = "auto",
    resume: bool = False,
    reporter: Reporter | None = None,
) -> TrainClassifierResult:
    """Train the best method on the labelled pixels of a scene, test it, and write a model that maps other scenes.

    Parameters
    ----------
    scene : Hyperspectral raster: GeoTIFF, ENVI or anything else GDAL opens.
    labels : Polygons or points in any vector file, or a raster of class values (0: unlabelled).
    nodata : Number that means no data in every band, besides what the file states; such as -9999.
    output : Model file to write (.hsimodel).
    report : HTML report with settings, split, learning curves and accuracies.
    split_output : GeoTIFF of the split: 1 training, 2 validation, 3 test; assess takes it as a subset.
        With folds, which all train the model in the end: 1 only trained on, 11 and up the fold that
        tests a pixel.
    class_field : Field of vector labels that holds the class: whole numbers are kept as values, texts
        are numbered.
    model : auto: compare several methods on the same test places, take the best one and train it with
        all labels. Or one method by name. Default: auto.
    effort : How many methods the automatic choice compares. quick: seconds to minutes; standard:
        minutes; thorough: all of them, HybridSN too, which takes longest. Default: standard.
    name_field : Field with class names; found by itself where it is called class_name, name or label.
    color_field : Field with class colours as #rrggbb; found by itself where it is called color or
        colour.
    layer : Layer of a vector file that holds several.
    legend : Class values, names and colours from JSON or a QGIS style (.qml); other classes are left
        out.
    overlap : What a pixel gets where polygons of different classes overlap: no label, the first, the
        last; or refuse. Default: drop.
    all_touched : Label every pixel a polygon touches, not only those whose centre lies inside. Default:
        False.
    resampling : How a label raster on another grid is brought onto the scene's grid. Default: refuse.
    min_samples : A class with fewer labelled pixels is treated by the rule for small classes. Unit: px.
        Default: 1.
    small_classes : Refuse to train, or leave classes with too few samples out. Default: error.
    split : folds: separate places, each tested by a model that was trained elsewhere; the map is made
        with all labels. none: no check, all labels. The others train on a share of the labels only and
        test the rest. blocks: separate places; polygons: whole polygons; random: single pixels, as most
        of the literature does, which leaks. Default: folds.
    compare_split : Train a second model on a share of the labels, kept apart in this way, only to state
        its accuracy. Default: none.
    split_source : Raster or vector with 1 training, 2 validation, 3 test; takes the place of the split
        above.
    split_field : Field of a vector split.
    train_share : Share of the labelled pixels to train on, for checks that train on a share only.
        Default: 0.1.
    validation_share : Share of the labelled pixels that choose the best epoch of a network, for checks
        that train on a share only; they are neither trained nor tested on. Default: 0.0.
    folds : Number of folds of the check; 3 with quick effort, else 5, fewer if the labels allow no
        more.
    smooth : Smooth the probabilities along the edges of the scene, if tested pixels become more
        accurate by it. Default: True.
    time_limit : Begin no further method after so many minutes; what was compared until then counts.
        Unit: min.
    block_size : Edge of the blocks of a block split; chosen to fit the scene when not given. Unit: px.
    bands : Bands to use, such as "1-100, 450-900nm"; all good ones when not given.
    reduction : What the method sees of a spectrum. bands: all bands, standardised; decorrelated: all
        principal components of these; pca: some principal components; mnf: minimum noise fraction. The
        method's own setting if not given.
    normalisation : brightness: divide each spectrum by its mean level; derivative: differences of
        neighbouring bands. Default: none.
    components : Principal or MNF components; the HybridSN paper uses 30 for Indian Pines, 15 elsewhere.
        The method's own setting if not given.
    whiten : How far components are brought to one variance: 0 not at all, 0.5 halfway, 1 fully. The
        method's own setting if not given.
    patch_size : Edge of the patch around each pixel that a network sees; the HybridSN paper uses 25.
        The method's own setting if not given. Unit: px.
    batch_norm : Normalise after every convolution of a network. The method's own setting if not given.
    squeeze_excitation : Reweight the channels after the last convolution of HybridSN (Hu et al. 2018).
    dropout : Share of the units of a network left out at random in training. The method's own setting
        if not given.
    epochs : Passes of a network over the training pixels. The method's own setting if not given.
    batch_size : Patches per training step of a network. The method's own setting if not given. Unit:
        patches.
    learning_rate : Highest learning rate of a network's training. The method's own setting if not
        given.
    schedule : How the learning rate changes during training. one_cycle: warm-up, then down along a
        cosine; cosine: only down; step: ÷10 after 40 % and 75 % of the epochs, as the reference recipe
        does; constant. The method's own setting if not given.
    weight_decay : Decoupled weight decay of a network (AdamW); 0 is plain Adam. The method's own
        setting if not given.
    label_smoothing : Share of each target of a network that is spread over all classes. The method's
        own setting if not given.
    class_weights : Give rare classes more weight in the training of a network. The method's own setting
        if not given.
    fewest_draws : In each epoch, draw the pixels of a small class again until it has been drawn so
        often; 0: each pixel once. The method's own setting if not given.
    surround_dropout : Share of the patches that show a network their centre only; 0 by default if
        random pixels are tested.
    augment : Also train a network on flipped and rotated patches. The method's own setting if not
        given.
    patience : Stop after so many epochs without a better validation accuracy; needs a validation share.
        Unit: epochs.
    seed : Decides every random draw: split, weights, order, augmentation, dropout. Default: 0.
    device : auto, cpu, cuda, cuda:0, cuda:1, … or mps. Default: auto.
    precision : auto: float32, or mixed bfloat16 on GPUs that support it. Default: auto.
    resume : Go on where a run with the same settings was stopped. Default: False.
    reporter : hears progress and warnings, and can cancel; silent by default.

    Returns
    -------
    TrainClassifierResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def classify_scene(
    *,
    scene: _Path,
    model: _Path,
    nodata: float | None = None,
    output: _Path,
    confidence: _Path | None = None,
    probabilities: _Path | None = None,
    unsmoothed: _Path | None = None,
    extent: str | None = None,
    mask: _Path | None = None,
    min_confidence: float = 0.0,
    smooth: bool = True,
    memory_mb: int = 1024,
    tile_size: int | None = None,
    device: str = "auto",
    resume: bool = False,
    reporter: Reporter | None = None,
) -> ClassifySceneResult:
    """Map a scene with a trained model: a GeoTIFF of classes that arrives in a GIS with names and colours.

    Parameters
    ----------
    scene : Raster to map; its bands must hold those the model was trained on.
    model : Model file (.hsimodel) from Train classifier.
    nodata : Number that means no data in every band, besides what the file states; such as -9999.
    output : GeoTIFF to write, with a style for QGIS beside it.
    confidence : GeoTIFF of the largest probability, 0 to 1.
    probabilities : GeoTIFF with one band of probabilities per class.
    unsmoothed : GeoTIFF of the classes as they are before smoothing, with a style for QGIS.
    extent : Map only the pixels that this rectangle touches: "xmin,ymin,xmax,ymax" in the CRS of the
        scene, or with a CRS at the end, "xmin,ymin,xmax,ymax,EPSG:4326".
    mask : Map only the pixels inside these polygons, or where this raster on the grid of the scene is
        not 0; the others have no data in the map.
    min_confidence : Pixels whose largest probability is lower stay unclassified (0). Default: 0.0.
    smooth : Smooth the probabilities along the edges of the scene, if tested pixels become more
        accurate by it. Default: True.
    memory_mb : Memory for the tile in work; larger tiles are a little faster. Unit: MiB. Default: 1024.
    tile_size : Edge of the tiles; follows from the memory when not given. The map does not depend on
        it. Unit: px.
    device : auto, cpu, cuda, cuda:0, cuda:1, … or mps. Default: auto.
    resume : Keep finished tiles when interrupted, and go on from those of an earlier run. Default:
        False.
    reporter : hears progress and warnings, and can cancel; silent by default.

    Returns
    -------
    ClassifySceneResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def train_and_classify(
    *,
    scene: _Path,
    labels: _Path,
    nodata: float | None = None,
    output: _Path,
    confidence: _Path | None = None,
    probabilities: _Path | None = None,
    unsmoothed: _Path | None = None,
    model_output: _Path,
    report: _Path | None = None,
    split_output: _Path | None = None,
    class_field: str | None = None,
    model: Literal["auto", "logistic_regression", "lda", "svm", "random_forest", "spectral_cnn", "hybridsn"] = "auto",
    effort: Literal["quick", "standard", "thorough"] = "standard",
    name_field: str | None = None,
    color_field: str | None = None,
    layer: str | None = None,
    legend: _Path | None = None,
    overlap: Literal["drop", "first", "last", "error"] = "drop",
    all_touched: bool = False,
    resampling: Literal["refuse", "nearest", "majority"] = "refuse",
    min_samples: int = 1,
    small_classes: Literal["error", "drop"] = "error",
    split: Literal["folds", "blocks", "random", "polygons", "none"] = "folds",
    compare_split: Literal["none", "blocks", "random", "polygons"] = "none",
    split_source: _Path | None = None,
    split_field: str | None = None,
    train_share: float = 0.1,
    validation_share: float = 0.0,
    folds: int | None = None,
    smooth: bool = True,
    time_limit: float | None = None,
    block_size: int | None = None,
    bands: str | None = None,
    reduction: Literal["bands", "decorrelated", "pca", "mnf"] | None = None,
    normalisation: Literal["none", "brightness", "derivative"] = "none",
    components: int | None = None,
    whiten: float | None = None,
    patch_size: int | None = None,
    batch_norm: bool | None = None,
    squeeze_excitation: bool | None = None,
    dropout: float | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    schedule: Literal["one_cycle", "step", "cosine", "constant"] | None = None,
    weight_decay: float | None = None,
    label_smoothing: float | None = None,
    class_weights: bool | None = None,
    fewest_draws: int | None = None,
    surround_dropout: float | None = None,
    augment: bool | None = None,
    patience: int | None = None,
    seed: int = 0,
    device: str = "auto",
    precision: Literal["auto", "32-true", "16-mixed", "bf16-mixed"] = "auto",
    resume: bool = False,
    extent: str | None = None,
    mask: _Path | None = None,
    min_confidence: float = 0.0,
    memory_mb: int = 1024,
    tile_size: int | None = None,
    reporter: Reporter | None = None,
) -> TrainAndClassifyResult:
    """From a scene and labels to a class map in one go, with the model that made it and a report.

    Parameters
    ----------
    scene : Hyperspectral raster: GeoTIFF, ENVI or anything else GDAL opens.
    labels : Polygons or points in any vector file, or a raster of class values (0: unlabelled).
    nodata : Number that means no data in every band, besides what the file states; such as -9999.
    output : GeoTIFF to write, with a style for QGIS beside it.
    confidence : GeoTIFF of the largest probability, 0 to 1.
    probabilities : GeoTIFF with one band of probabilities per class.
    unsmoothed : GeoTIFF of the classes as they are before smoothing, with a style for QGIS.
    model_output : Model file to write (.hsimodel); it maps other scenes of the same sensor too.
    report : HTML report with settings, split, learning curves and accuracies.
    split_output : GeoTIFF of the split: 1 training, 2 validation, 3 test; assess takes it as a subset.
        With folds, which all train the model in the end: 1 only trained on, 11 and up the fold that
        tests a pixel.
    class_field : Field of vector labels that holds the class: whole numbers are kept as values, texts
        are numbered.
    model : auto: compare several methods on the same test places, take the best one and train it with
        all labels. Or one method by name. Default: auto.
    effort : How many methods the automatic choice compares. quick: seconds to minutes; standard:
        minutes; thorough: all of them, HybridSN too, which takes longest. Default: standard.
    name_field : Field with class names; found by itself where it is called class_name, name or label.
    color_field : Field with class colours as #rrggbb; found by itself where it is called color or
        colour.
    layer : Layer of a vector file that holds several.
    legend : Class values, names and colours from JSON or a QGIS style (.qml); other classes are left
        out.
    overlap : What a pixel gets where polygons of different classes overlap: no label, the first, the
        last; or refuse. Default: drop.
    all_touched : Label every pixel a polygon touches, not only those whose centre lies inside. Default:
        False.
    resampling : How a label raster on another grid is brought onto the scene's grid. Default: refuse.
    min_samples : A class with fewer labelled pixels is treated by the rule for small classes. Unit: px.
        Default: 1.
    small_classes : Refuse to train, or leave classes with too few samples out. Default: error.
    split : folds: separate places, each tested by a model that was trained elsewhere; the map is made
        with all labels. none: no check, all labels. The others train on a share of the labels only and
        test the rest. blocks: separate places; polygons: whole polygons; random: single pixels, as most
        of the literature does, which leaks. Default: folds.
    compare_split : Train a second model on a share of the labels, kept apart in this way, only to state
        its accuracy. Default: none.
    split_source : Raster or vector with 1 training, 2 validation, 3 test; takes the place of the split
        above.
    split_field : Field of a vector split.
    train_share : Share of the labelled pixels to train on, for checks that train on a share only.
        Default: 0.1.
    validation_share : Share of the labelled pixels that choose the best epoch of a network, for checks
        that train on a share only; they are neither trained nor tested on. Default: 0.0.
    folds : Number of folds of the check; 3 with quick effort, else 5, fewer if the labels allow no
        more.
    smooth : Smooth the probabilities along the edges of the scene, if tested pixels become more
        accurate by it. Default: True.
    time_limit : Begin no further method after so many minutes; what was compared until then counts.
        Unit: min.
    block_size : Edge of the blocks of a block split; chosen to fit the scene when not given. Unit: px.
    bands : Bands to use, such as "1-100, 450-900nm"; all good ones when not given.
    reduction : What the method sees of a spectrum. bands: all bands, standardised; decorrelated: all
        principal components of these; pca: some principal components; mnf: minimum noise fraction. The
        method's own setting if not given.
    normalisation : brightness: divide each spectrum by its mean level; derivative: differences of
        neighbouring bands. Default: none.
    components : Principal or MNF components; the HybridSN paper uses 30 for Indian Pines, 15 elsewhere.
        The method's own setting if not given.
    whiten : How far components are brought to one variance: 0 not at all, 0.5 halfway, 1 fully. The
        method's own setting if not given.
    patch_size : Edge of the patch around each pixel that a network sees; the HybridSN paper uses 25.
        The method's own setting if not given. Unit: px.
    batch_norm : Normalise after every convolution of a network. The method's own setting if not given.
    squeeze_excitation : Reweight the channels after the last convolution of HybridSN (Hu et al. 2018).
    dropout : Share of the units of a network left out at random in training. The method's own setting
        if not given.
    epochs : Passes of a network over the training pixels. The method's own setting if not given.
    batch_size : Patches per training step of a network. The method's own setting if not given. Unit:
        patches.
    learning_rate : Highest learning rate of a network's training. The method's own setting if not
        given.
    schedule : How the learning rate changes during training. one_cycle: warm-up, then down along a
        cosine; cosine: only down; step: ÷10 after 40 % and 75 % of the epochs, as the reference recipe
        does; constant. The method's own setting if not given.
    weight_decay : Decoupled weight decay of a network (AdamW); 0 is plain Adam. The method's own
        setting if not given.
    label_smoothing : Share of each target of a network that is spread over all classes. The method's
        own setting if not given.
    class_weights : Give rare classes more weight in the training of a network. The method's own setting
        if not given.
    fewest_draws : In each epoch, draw the pixels of a small class again until it has been drawn so
        often; 0: each pixel once. The method's own setting if not given.
    surround_dropout : Share of the patches that show a network their centre only; 0 by default if
        random pixels are tested.
    augment : Also train a network on flipped and rotated patches. The method's own setting if not
        given.
    patience : Stop after so many epochs without a better validation accuracy; needs a validation share.
        Unit: epochs.
    seed : Decides every random draw: split, weights, order, augmentation, dropout. Default: 0.
    device : auto, cpu, cuda, cuda:0, cuda:1, … or mps. Default: auto.
    precision : auto: float32, or mixed bfloat16 on GPUs that support it. Default: auto.
    resume : Go on where a run with the same settings was stopped, and keep the tiles that are finished.
        Default: False.
    extent : Map only the pixels that this rectangle touches: "xmin,ymin,xmax,ymax" in the CRS of the
        scene, or with a CRS at the end, "xmin,ymin,xmax,ymax,EPSG:4326".
    mask : Map only the pixels inside these polygons, or where this raster on the grid of the scene is
        not 0; the others have no data in the map.
    min_confidence : Pixels whose largest probability is lower stay unclassified (0). Default: 0.0.
    memory_mb : Memory for the tile in work; larger tiles are a little faster. Unit: MiB. Default: 1024.
    tile_size : Edge of the tiles; follows from the memory when not given. The map does not depend on
        it. Unit: px.
    reporter : hears progress and warnings, and can cancel; silent by default.

    Returns
    -------
    TrainAndClassifyResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def assess_map(
    *,
    map: _Path,
    reference: _Path,
    report: _Path | None = None,
    picture: _Path | None = None,
    metrics: _Path | None = None,
    table: _Path | None = None,
    class_field: str | None = None,
    subset: _Path | None = None,
    subset_value: int = 3,
    subset_field: str | None = None,
    model: _Path | None = None,
    scene: _Path | None = None,
    unclassified: Literal["wrong", "leave_out"] = "wrong",
    layer: str | None = None,
    overlap: Literal["drop", "first", "last", "error"] = "drop",
    all_touched: bool = False,
    resampling: Literal["refuse", "nearest", "majority"] = "refuse",
    legend: _Path | None = None,
    reporter: Reporter | None = None,
) -> AssessMapResult:
    """Compare a class map with a reference: confusion matrix, accuracies, and a report that can be handed on.

    Parameters
    ----------
    map : Raster of class values to assess.
    reference : What is true: polygons or points in any vector file, or a raster of class values (0: not
        known).
    report : HTML report with all accuracies, the confusion matrix and the map.
    picture : PNG of the map with its legend, beside the scene in false colour where the scene is given.
    metrics : JSON file with all accuracies.
    table : CSV file with one row a class: accuracies and confusion matrix.
    class_field : Field of a vector reference that holds the class: values, or names as in the map's
        legend.
    subset : Raster or vector that says which pixels to assess on, such as the split of the training.
    subset_value : Pixels of the subset with this value are assessed; in a split 1 is training, 2
        validation, 3 test. Default: 3.
    subset_field : Field of a vector subset.
    model : The model the map was made with; its settings, split and learning curves go into the report.
    scene : The scene the map shows; report and picture place it beside the map in false colour.
    unclassified : How reference pixels count where the map holds no class: as wrong, or not at all.
        Default: wrong.
    layer : Layer of a vector reference that holds several.
    overlap : What a pixel gets where polygons of different classes overlap: nothing, the first, the
        last; or refuse. Default: drop.
    all_touched : Take every pixel a polygon touches, not only those whose centre lies inside. Default:
        False.
    resampling : How a reference raster on another grid is brought onto the grid of the map. Default:
        refuse.
    legend : Class values, names and colours from JSON or a QGIS style (.qml), in place of those of the
        map.
    reporter : hears progress and warnings, and can cancel; silent by default.

    Returns
    -------
    AssessMapResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def clean_map(
    *,
    map: _Path,
    output: _Path | None = None,
    table: _Path | None = None,
    majority: int | None = None,
    min_area: float | None = None,
    area_unit: Literal["ha", "m2", "px"] = "ha",
    legend: _Path | None = None,
    reporter: Reporter | None = None,
) -> CleanMapResult:
    """Take specks out of a class map, and measure the area of each class before and after.

    Parameters
    ----------
    map : Raster of class values in one band, of this program or any other; 0 and nodata are no class.
    output : GeoTIFF to write, with the classes of the map and a style for QGIS; not needed to measure
        only.
    table : CSV file with one row per class: pixels, hectares and share, before and after.
    majority : Edge of the window whose most frequent class each pixel takes; of several, its own or the
        smallest value. Unit: px.
    min_area : Smaller areas of one class take the class with which they share the longest border.
    area_unit : Hectares, square metres or pixels; a map without a CRS has pixels only. Default: ha.
    legend : Class values, names and colours from JSON or a QGIS style (.qml), in place of those of the
        map.
    reporter : hears progress and warnings, and can cancel; silent by default.

    Returns
    -------
    CleanMapResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def fit_pca(
    *,
    scene: _Path,
    output: _Path,
    components: int = 10,
    whiten: bool = False,
    bands: str | None = None,
    nodata: float | None = None,
    statistics: _Path | None = None,
    reporter: Reporter | None = None,
) -> FitPcaResult:
    """Reduce the bands of a scene to its principal components and write them as a raster.

    Parameters
    ----------
    scene : Raster whose bands are reduced.
    output : GeoTIFF to write, one float32 band a component, NaN without data.
    components : Principal components to write. Default: 10.
    whiten : Give every component unit variance. Default: False.
    bands : Bands to use, such as "1-100, 450-900nm"; all good ones when not given.
    nodata : Number that means no data in every band, besides what the file states; such as -9999.
    statistics : JSON file to write: mean spectrum, loadings and explained variance.
    reporter : hears progress and warnings, and can cancel; silent by default.

    Returns
    -------
    FitPcaResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def run_demo(
    *,
    output: _Path = "demo_output",
    effort: Literal["quick", "standard", "thorough"] = "quick",
    seed: int = 0,
    device: str = "auto",
    reporter: Reporter | None = None,
) -> RunDemoResult:
    """Do the whole job on a real scene, Indian Pines: write it, choose the best method, train it, map.

    Parameters
    ----------
    output : Folder for everything that is made; it is created if it does not exist. Default:
        demo_output.
    effort : How many methods are compared. Default: quick.
    seed : Decides every random draw. Default: 0.
    device : auto, cpu, cuda, cuda:0, … or mps. Default: auto.
    reporter : hears progress and warnings, and can cancel; silent by default.

    Returns
    -------
    RunDemoResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def check_engine(
    *,
    reporter: Reporter | None = None,
) -> CheckEngineResult:
    """Load all libraries, try every device, train and map a made-up scene, and tell what is installed.

    Parameters
    ----------
    reporter : hears progress and warnings, and can cancel; silent by default.

    Returns
    -------
    CheckEngineResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """
